"""The page: what app.py shows and serves. Widgets, their handlers and the named endpoints; no models, no training."""
