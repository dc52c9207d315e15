"""Which articles of a spooled corpus train and which are held out, decided in bounded memory."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import SplitConfig
from slugline.corpus.split import cut_day
from slugline.errors import ConfigError, CorpusError
from slugline.learn.stream.reading import UNDATED
from slugline.learn.stream.spool import Spool
from slugline.learn.stream.textkeys import shares

TRAINING, HELD, NEITHER = 0, 1, -1
_DATED_ENOUGH = 0.9
_BYTES = 48  # of one article while repeats are sought


@dataclass(frozen=True, slots=True, eq=False)
class Repeats:
    """Rows of the corpus that share a key with others, ascending, and the first row of each one's group.

    Both are kept as long as the training takes, in four bytes a row where the corpus has fewer than 2^31 articles.
    """

    rows: NDArray[np.int32] | NDArray[np.int64]
    first: NDArray[np.int32] | NDArray[np.int64]

    def of(self, start: int, count: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Of the rows `start` to `start + count` those that repeat, counted from `start`, and their places here."""
        # With numbers of another type, all rows would be copied.
        low, high = np.searchsorted(self.rows, np.array([start, start + count], dtype=self.rows.dtype))
        return self.rows[low:high] - start, np.arange(low, high)


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """A split as a rule: the side of every article, from what its chunk knows of it.

    `same` are articles of the same words, `days` (of `same.rows`) is the day of the earliest of them; `alike` are those
    that share their smallest run of five words. `dropped` are the rows whose id came before. `cut` and `end` are
    ordinals of days, or None.
    """

    method: str
    config: SplitConfig
    same: Repeats
    alike: Repeats
    days: NDArray[np.int32]
    dropped: NDArray[np.int64]
    cut: int | None = None
    end: int | None = None

    def of(self, chunk: dict[str, NDArray[Any]], start: int) -> NDArray[np.int8]:
        """TRAINING, HELD or NEITHER for each article of a chunk whose first is row `start`, int8 (n,)."""
        count = len(chunk["day"])
        if self.method == "none":
            sides = np.full(count, TRAINING, dtype=np.int8)
        elif self.method == "official":
            sides = np.where(chunk["part"] >= 2, NEITHER, chunk["part"]).astype(np.int8)
        elif self.method == "random":
            keys = chunk["shingle" if self.config.near_duplicate > 0 else "id"]
            sides = (shares(keys, self.config.seed) < self.config.held_out).astype(np.int8)
        else:
            days = self.effective(chunk["day"], start)
            sides = np.where(days >= (self.cut or 0), HELD, TRAINING).astype(np.int8)
            if self.end is not None:
                sides[chunk["day"] >= self.end] = NEITHER
        low, high = np.searchsorted(self.dropped, [start, start + count])
        sides[self.dropped[low:high] - start] = NEITHER
        return sides

    def effective(self, days: NDArray[np.int32], start: int) -> NDArray[np.int32]:
        """The day of each article's first copy, int32 (n,)."""
        rows, places = self.same.of(start, len(days))
        found = days.copy()
        found[rows] = self.days[places]
        return found


def find_sides(spool: Spool, sizes: Sequence[int], config: SplitConfig, skip_bad: bool, memory: int) -> Sides:
    """The split that `config` asks for, as `corpus.split.make_split` understands it, with these differences.

    Only exact repeats (the same words in the same order) are sure to be on one side. By the random split, two articles
    whose sets of five-word runs have the Jaccard similarity J are on one side with a probability of at least J; a
    temporal split does not look at rewrites. Every article's side is drawn by itself, so that rare labels are not
    spread evenly. Raises CorpusError where an id is repeated (unless `skip_bad`, which drops the later article) or
    there is no such split, ConfigError for a recorded split; takes about `memory` bytes.
    """
    if config.file is not None:
        raise ConfigError("a recorded split cannot be taken with learn.memory", field="split.file", found=config.file)
    ids = find_repeats(spool, sizes, "id", memory)
    dropped = ids.rows[ids.rows != ids.first]
    if len(dropped) and not skip_bad:
        later = int(dropped[0])
        first = int(ids.first[ids.rows == later][0])
        raise CorpusError(f"the articles {first + 1} and {later + 1} have the same id", field="id")
    nothing = Repeats(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    same, alike = (
        find_repeats(spool, sizes, key, memory) if config.near_duplicate > 0 else nothing
        for key in ("words", "shingle")
    )
    method = _method(spool, sizes, config)
    start, end = (_ordinal(value) for value in (config.train_before, config.held_out_before))
    if start is not None and end is not None and end <= start:
        found = config.held_out_before
        raise ConfigError("out of range", field="split.held_out_before", found=found, expected="after train_before")
    sides = Sides(method, config, same, alike, _earliest(spool, sizes, same), dropped, start, end)
    if method == "temporal" and start is None:
        counts = _histogram(spool, sizes, sides)
        day = cut_day({dt.date.fromordinal(max(one, 1)): count for one, count in counts.items()}, config.held_out)
        if day is None:
            raise CorpusError("a temporal split needs articles of two days or more")
        return dataclasses.replace(sides, cut=day.toordinal())
    return sides


def find_repeats(spool: Spool, sizes: Sequence[int], key: str, memory: int) -> Repeats:
    """The rows whose `key` another row has too. Reads the keys as often as needed to hold but a part at a time."""
    parts = max(1, -(-sum(sizes) * _BYTES // max(memory, 1)))
    kept = np.int32 if sum(sizes) <= np.iinfo(np.int32).max else np.int64
    rows: list[NDArray[Any]] = [np.zeros(0, dtype=kept)]
    first: list[NDArray[Any]] = [np.zeros(0, dtype=kept)]
    for part in range(parts):
        keys: list[NDArray[np.uint64]] = []
        places: list[NDArray[np.int64]] = []
        for start, chunk in _walk(spool, sizes, key):
            own = chunk[key]
            mine = np.flatnonzero(own % np.uint64(parts) == part)
            keys.append(own[mine])
            places.append(mine + start)
        every, where = np.concatenate(keys), np.concatenate(places)
        order = np.argsort(every, kind="stable")
        every, where = every[order], where[order]
        begins = np.flatnonzero(np.concatenate([[True], every[1:] != every[:-1]]))
        lengths = np.diff(np.concatenate([begins, [len(every)]]))
        several = np.repeat(lengths > 1, lengths)
        rows.append(where[several].astype(kept))
        first.append(np.repeat(where[begins], lengths)[several].astype(kept))
    found, groups = np.concatenate(rows), np.concatenate(first)
    order = np.argsort(found)
    return Repeats(found[order], groups[order])


def straddling(sides: Sides, spool: Spool, sizes: Sequence[int]) -> int:
    """How many held-out articles have the same words as a training article."""
    held: list[NDArray[np.int64]] = []
    trained: list[NDArray[np.int64]] = []
    for start, chunk in _walk(spool, sizes, "day", "part", "shingle", "id"):
        rows, places = sides.same.of(start, len(chunk["day"]))
        own = sides.of(chunk, start)[rows]
        held.append(sides.same.first[places[own == HELD]])
        trained.append(sides.same.first[places[own == TRAINING]])
    return int(np.isin(np.concatenate(held), np.concatenate(trained)).sum())


def _walk(spool: Spool, sizes: Sequence[int], *keys: str) -> Iterator[tuple[int, dict[str, NDArray[Any]]]]:
    """Each chunk's first row and these arrays of it."""
    start = 0
    for number, size in enumerate(sizes):
        yield start, spool.load(f"chunk-{number:06d}", *keys)
        start += size


def _method(spool: Spool, sizes: Sequence[int], config: SplitConfig) -> str:
    official, dated, days = False, 0, set[int]()
    for _, chunk in _walk(spool, sizes, "part", "day"):
        official = official or bool((chunk["part"] != -1).any())
        dated += int((chunk["day"] != UNDATED).sum())
        if len(days) < 2:
            days.update(chunk["day"][chunk["day"] != UNDATED].tolist())
    if config.method == "official" and not official:
        raise CorpusError("the corpus has no official split", expected="temporal or random")
    if config.method == "temporal" and not dated:
        raise CorpusError("the temporal split leaves no held-out article: no article has a date")
    if config.method != "auto":
        return config.method
    if config.train_before or config.held_out_before:
        return "temporal"
    if official:
        return "official"
    return "temporal" if dated >= _DATED_ENOUGH * sum(sizes) and len(days) > 1 else "random"


def _earliest(spool: Spool, sizes: Sequence[int], same: Repeats) -> NDArray[np.int32]:
    """The first day of each repeated article's group; undated ones are as old as their dated copies."""
    latest = np.int32(np.iinfo(np.int32).max)
    own = np.full(len(same.rows), latest, dtype=np.int32)
    for start, chunk in _walk(spool, sizes, "day"):
        rows, places = same.of(start, len(chunk["day"]))
        days = chunk["day"][rows]
        own[places] = np.where(days == UNDATED, latest, days)
    groups, inverse = np.unique(same.first, return_inverse=True)
    first = np.full(len(groups), latest, dtype=np.int32)
    np.minimum.at(first, inverse, own)
    return np.where(first == latest, np.int32(UNDATED), first)[inverse]


def _histogram(spool: Spool, sizes: Sequence[int], sides: Sides) -> dict[int, int]:
    counts: dict[int, int] = {}
    for start, chunk in _walk(spool, sizes, "day"):
        days = sides.effective(chunk["day"], start)
        used = days[chunk["day"] < sides.end] if sides.end is not None else days
        for day, count in zip(*(part.tolist() for part in np.unique(used, return_counts=True)), strict=True):
            counts[day] = counts.get(day, 0) + count
    return counts


def _ordinal(value: str | None) -> int | None:
    return None if value is None else dt.date.fromisoformat(value).toordinal()
