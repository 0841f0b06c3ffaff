"""Adapters: make them, check them, apply them."""
