"""Fitting: TF-IDF features, linear heads, decisions and probabilities, all chosen on the training part alone."""
