"""Where training examples come from: the composer, the painter, captions and readers of real data."""
