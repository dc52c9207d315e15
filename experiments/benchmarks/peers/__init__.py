"""Slugline and its peers on the same articles, from raw text; see README.md of this folder."""
