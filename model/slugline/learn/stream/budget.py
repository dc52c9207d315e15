"""How the memory of a training on disk is shared out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from slugline.errors import ConfigError
from slugline.learn.stream.rows import RowFiles
from slugline.learn.stream.solve import SLICE
from slugline.learn.stream.terms import SLOT
from slugline.memory import parse_size, show_size

BASE = 384 << 20
"""Bytes of the interpreter and its libraries: a fixed number, so that the same memory gives the same model."""

LEAST = 96 << 20
"""Bytes that the work needs beside that."""

_CHARACTER = 160  # bytes that a character of an article takes while its terms are counted
_TERM = 120  # bytes of a term of the model while the vocabulary is made
_CELL = 150  # bytes of the score of one article for one label while thresholds are chosen
_TITLE = 6000  # bytes of an article whose title is kept, while its heaviest words are sorted
_MOST_CHARACTERS = 2_000_000
_MOST_FILES = 8  # of a block
_MOST_KEYS = 24 << 20
_MOST_SCORED = 50_000


@dataclass(frozen=True, slots=True)
class Budget:
    """`free` bytes of memory for everything that depends on the corpus."""

    free: int

    @classmethod
    def of(cls, memory: str) -> Budget:
        """What `memory` ("2G") leaves beside the libraries. Raises ConfigError if it is too little."""
        total = parse_size(memory, field="learn.memory")
        if total < BASE + LEAST:
            expected = f"at least {show_size(BASE + LEAST)}"
            raise ConfigError("too little memory", field="learn.memory", found=memory, expected=expected)
        return cls(total - BASE)

    @property
    def characters(self) -> int:
        """Characters of a chunk of articles."""
        return min(_MOST_CHARACTERS, int(0.5 * self.free) // _CHARACTER)

    @property
    def slots(self) -> int:
        """Slots of the table of terms; while it doubles, one and a half times its memory is in use."""
        return int(0.3 * self.free) // (SLOT * 3 // 2)

    @property
    def terms(self) -> int:
        """Terms of the model, at most: a few labels' weights at a time must fit, too."""
        return int(0.4 * self.free) // _TERM

    @property
    def keys(self) -> int:
        """Bytes for looking for repeated articles."""
        return min(_MOST_KEYS, int(0.3 * self.free))

    def labels(self, width: int, jobs: int) -> int:
        """Labels whose weights over `width` terms are in memory together: as many as the threads fit at a time.

        More would not be faster, for the system keeps the files that are read for each group of labels.
        """
        return max(1, min(SLICE * max(jobs, 1), int(0.5 * self.free) // (12 * max(width, 1))))

    def files(self, files: RowFiles, labels: int) -> int:
        """Row files to a block: with one file as it is read they take a quarter, and hardly ever so much."""
        # Of the labels of one thread, so that the blocks are the same for any number of them.
        each = 32 * files.counts + 8 * min(labels, SLICE) * np.diff(files.starts)
        return max(1, min(_MOST_FILES, int(0.25 * self.free) // max(int(each.max()), 1)))

    @property
    def titles(self) -> int:
        """Training articles of which the model file keeps title, labels and heaviest words, at most."""
        return int(0.5 * self.free) // _TITLE

    def scored(self, labels: int) -> int:
        """Articles whose scores for so many labels thresholds and calibration are chosen from, at most."""
        return max(200, min(_MOST_SCORED, int(0.6 * self.free) // (_CELL * max(labels, 1))))
