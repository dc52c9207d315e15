"""Slugline: tags and event types for news articles, from TF-IDF and linear models."""

__version__ = "0.1.0"
