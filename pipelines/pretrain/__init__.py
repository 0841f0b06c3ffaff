"""Training of the bundled models from nothing, on material that the corpus writes."""
