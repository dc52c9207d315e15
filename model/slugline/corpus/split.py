"""Which articles train and which are held out: official, temporal, random or none, recorded as lists of ids."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from slugline.article import Labels
from slugline.config import SplitConfig
from slugline.corpus.corpus import HELD_OUT, TRAIN, Corpus
from slugline.corpus.stratify import label_sets, stratify
from slugline.errors import ConfigError, CorpusError
from slugline.files import write_text
from slugline.json_text import loads

NOTHING = "none"
"""The split that holds nothing out: every article trains."""

_DATED_ENOUGH = 0.9
_UNUSED = -1
_METHODS = ("official", "temporal", "random", NOTHING)


@dataclass(frozen=True, slots=True)
class Split:
    """Ids of the training and of the held-out articles, each in the corpus's order; an id is on one side at most.

    `method` is "official", "temporal", "random" or "none", which holds nothing out. `digest` is `sha256:` and the
    hexadecimal SHA-256 over the method and the sorted ids of each side. `straddling` counts held-out articles that have
    a near-duplicate in the training part: only official splits can have any, and they are reported, never hidden.
    """

    method: str
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    digest: str
    straddling: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The split as JSON-able values."""
        return {
            "method": self.method,
            "digest": self.digest,
            "straddling": self.straddling,
            "train": list(self.train),
            "held_out": list(self.held_out),
        }

    def save(self, path: str | Path) -> None:
        """Write as JSON, atomically. Raises OutputError."""
        write_text(path, json.dumps(self.to_dict(), indent=0) + "\n")

    @classmethod
    def load(cls, path: str | Path) -> Split:
        """Read what `save` wrote. Raises CorpusError if it is no split, or if its ids are not those of its digest."""
        try:
            values = loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise CorpusError(f"cannot read ({error.strerror})", file=path) from error
        except ValueError as error:
            raise CorpusError(f"not valid JSON: {error}", file=path) from error
        return cls.from_dict(values, file=path)

    @classmethod
    def from_dict(cls, values: Any, *, file: str | Path | None = None) -> Split:
        """The split of `to_dict()`. Raises CorpusError as `load` does."""
        if not isinstance(values, dict):
            raise CorpusError("not a split", file=file, found=values, expected="an object")
        sides: list[tuple[str, ...]] = []
        for field in ("train", "held_out"):
            ids = values.get(field)
            may_be_empty = field == "held_out" and values.get("method") == NOTHING
            if not isinstance(ids, list) or not (ids or may_be_empty) or not all(isinstance(one, str) for one in ids):
                raise CorpusError("wrong type", file=file, field=field, found=ids, expected="a list of article ids")
            sides.append(tuple(ids))
        train, held_out = sides
        if len({*train, *held_out}) < len(train) + len(held_out):
            raise CorpusError("an article id is there twice", file=file)
        method, straddling = values.get("method"), values.get("straddling", 0)
        if method not in _METHODS:
            raise CorpusError("unknown", file=file, field="method", found=method, expected=f"one of {_METHODS}")
        if type(straddling) is not int or straddling < 0:
            raise CorpusError("wrong type", file=file, field="straddling", found=straddling, expected="a count")
        if method == NOTHING and held_out:
            raise CorpusError("holds articles out", file=file, field="held_out", found=method, expected="no article")
        digest = _digest(method, train, held_out)
        if values.get("digest") != digest:
            raise CorpusError(
                "ids do not match", file=file, field="digest", found=values.get("digest"), expected=digest
            )
        return cls(method, train, held_out, digest, straddling)

    def indices(self, corpus: Corpus) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Positions of the training and of the held-out articles in `corpus`, each int64 and ascending.

        Raises CorpusError if the corpus lacks an article of the split.
        """
        position = {article.id: index for index, article in enumerate(corpus.articles)}
        missing = [one for one in (*self.train, *self.held_out) if one not in position]
        if missing:
            raise CorpusError(
                f"corpus {corpus.name!r} lacks {len(missing)} articles of the split",
                found=f"no article {missing[0]!r}",
                expected=f"the {len(self.train) + len(self.held_out)} articles of {self.digest[:14]}",
            )
        train, held_out = (
            np.sort(np.asarray([position[one] for one in side], dtype=np.int64)) for side in (self.train, self.held_out)
        )
        return train, held_out


def make_split(corpus: Corpus, config: SplitConfig, groups: npt.NDArray[np.int64] | None = None) -> Split:
    """Split `corpus` as `config` says; `groups` (n,) numbers its near-duplicate groups (None: no duplicates).

    - "official": the corpus's own. Articles outside it are in neither part.
    - "temporal": see `SplitConfig`. A group goes to the side of its earliest member, so that no later copy of a
      training article is held out; undated articles train; without `train_before`, the cut is the day that comes
      closest to the share asked for.
    - "random": groups spread so that both sides have every tag and event type in proportion (see `stratify`).
    - "none": every article trains, also what an official split leaves out or holds out.
    - "auto": official if the corpus has one and no dates are given, else temporal if dates are given or nine in ten
      articles are dated (and not all on one day), else random.

    Deterministic. No group straddles a temporal or random split. Raises CorpusError if the corpus has no such split
    or a side would be empty, ConfigError if a date is not ISO or the two are out of order.
    """
    if groups is None:
        groups = np.arange(len(corpus), dtype=np.int64)
    if len(groups) != len(corpus):
        raise ValueError(f"{len(groups)} group numbers for {len(corpus)} articles")
    method = _method(corpus, config)
    if method == "official":
        parts = {TRAIN: 0, HELD_OUT: 1}
        sides = [_UNUSED if record.part is None else parts.get(record.part, _UNUSED) for record in corpus.records]
        if all(record.part is None for record in corpus.records):
            raise CorpusError(f"corpus {corpus.name!r} has no official split", expected="temporal or random")
    elif method == "temporal":
        sides = _temporal(corpus, config, groups)
    elif method == NOTHING:
        sides = [0] * len(corpus)
    else:
        shares = (1 - config.held_out, config.held_out)
        sides = stratify(label_sets(corpus.labels), groups, shares, config.seed).tolist()
    ids = [article.id for article in corpus.articles]
    train = tuple(one for one, side in zip(ids, sides, strict=True) if side == 0)
    held_out = tuple(one for one, side in zip(ids, sides, strict=True) if side == 1)
    for name, side in (("training", train), ("held-out", held_out)):
        if not side and method != NOTHING:
            raise CorpusError(_why_empty(corpus, method, config, groups, name))
    in_train = {group for group, side in zip(groups.tolist(), sides, strict=True) if side == 0}
    straddling = sum(side == 1 and group in in_train for group, side in zip(groups.tolist(), sides, strict=True))
    return Split(method, train, held_out, _digest(method, train, held_out), straddling)


def folds(labels: Sequence[Labels], groups: npt.NDArray[np.int64] | None, k: int, seed: int) -> npt.NDArray[np.int64]:
    """Fold number, 0 to k - 1, of each training article, for cross-validation.

    `groups` (n,) as for `make_split`: a group is in one fold. Tags and event types of at least k articles are spread
    evenly (see `stratify`); rarer ones fall as they may, so that a fold can be without them. With fewer than k groups
    there are as many folds as groups; no fold is empty. Raises CorpusError if there are fewer than two groups.
    """
    if groups is None:
        groups = np.arange(len(labels), dtype=np.int64)
    found = len(np.unique(groups))
    if found < 2:
        raise CorpusError(
            "too few articles to cross-validate", found=f"only {found} distinct", expected="at least two that differ"
        )
    k = min(k, found)
    return stratify(label_sets(labels), groups, [1 / k] * k, seed)


def _method(corpus: Corpus, config: SplitConfig) -> str:
    if config.method != "auto":
        return config.method
    if config.train_before or config.held_out_before:
        return "temporal"
    if any(record.part is not None for record in corpus.records):
        return "official"
    dates = [article.date for article in corpus.articles if article.date is not None]
    return "temporal" if len(dates) >= _DATED_ENOUGH * len(corpus) and len(set(dates)) > 1 else "random"


def _temporal(corpus: Corpus, config: SplitConfig, groups: npt.NDArray[np.int64]) -> list[int]:
    """Side of each article: 0, 1 or _UNUSED."""
    start = _date(config.train_before, "split.train_before")
    end = _date(config.held_out_before, "split.held_out_before")
    if start is not None and end is not None and end <= start:
        raise ConfigError("out of range", field="split.held_out_before", found=str(end), expected=f"after {start}")
    dates = [article.date for article in corpus.articles]
    used = [date is None or end is None or date < end for date in dates]
    earliest: dict[int, dt.date] = {}
    for group, date in zip(groups.tolist(), dates, strict=True):
        if date is not None:
            earliest[group] = min(date, earliest.get(group, date))
    # An undated article is as old as can be, unless it has a dated copy.
    days = [earliest.get(group, dt.date.min) for group in groups.tolist()]
    if start is None:
        start = cut_day(Counter(day for day, use in zip(days, used, strict=True) if use), config.held_out)
    return [
        _UNUSED if not use else int(start is not None and day >= start) for day, use in zip(days, used, strict=True)
    ]


def cut_day(counts: Mapping[dt.date, int], share: float) -> dt.date | None:
    """The first held-out day, of articles on each day: of all that leave both sides something, the one that holds out
    closest to `share`, rather the later; None where there is but one day.
    """
    wanted = share * sum(counts.values())
    best: dt.date | None = None
    best_distance = float("inf")
    after = 0
    for day in sorted(counts, reverse=True)[:-1]:
        after += counts[day]
        if abs(after - wanted) < best_distance:
            best, best_distance = day, abs(after - wanted)
    return best


def _why_empty(corpus: Corpus, method: str, config: SplitConfig, groups: npt.NDArray[np.int64], side: str) -> str:
    said = f"the {method} split of corpus {corpus.name!r} leaves no {side} article: "
    if method == "official":
        return f"{said}none of its {len(corpus)} articles is marked as {side}"
    if method == "random":
        return f"{said}{_grouped(corpus, groups)}"
    dates = sorted(article.date for article in corpus.articles if article.date is not None)
    if not dates:
        return f"{said}no article has a date"
    asked = ", ".join(
        f"{name} {value}"
        for name, value in (("train_before", config.train_before), ("held_out_before", config.held_out_before))
        if value
    )
    grouped = f"; {_grouped(corpus, groups)}" if len(np.unique(groups)) < len(corpus) else ""
    return f"{said}articles are dated {dates[0]} to {dates[-1]}{', ' if asked else ''}{asked}{grouped}"


def _grouped(corpus: Corpus, groups: npt.NDArray[np.int64]) -> str:
    found = len(np.unique(groups))
    return f"near-duplicates stay on one side, and of {len(corpus)} articles {found} differ"


def _date(value: str | None, field: str) -> dt.date | None:
    try:
        return None if value is None else dt.date.fromisoformat(value)
    except ValueError as error:
        raise ConfigError("not a date", field=field, found=value, expected="YYYY-MM-DD") from error


def _digest(method: str, train: Iterable[str], held_out: Iterable[str]) -> str:
    content = json.dumps([method, sorted(train), sorted(held_out)], ensure_ascii=True)
    return f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
