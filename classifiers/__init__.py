"""Clip to label probabilities: the Keras CNNs, their features and their training."""
