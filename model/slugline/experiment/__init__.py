"""The rooms put together: from a corpus to a model file and a run, and from a model and a corpus to an evaluation."""
