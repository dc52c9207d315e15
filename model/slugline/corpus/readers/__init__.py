"""Readers: each turns one format of corpora into records."""

from slugline.corpus.readers.base import Reader, ReadOptions, SeenIds, raise_bad
from slugline.corpus.readers.registry import READERS, find_reader, get_reader, read_records

__all__ = ["READERS", "ReadOptions", "Reader", "SeenIds", "find_reader", "get_reader", "raise_bad", "read_records"]
