"""How good a model is: metrics with intervals, from labels, probabilities and decisions."""
