"""The first pass: a corpus read once, its articles' terms counted and spooled, chunk by chunk."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import FeatureConfig, ViewConfig
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED, Record
from slugline.corpus.stream import CorpusStream
from slugline.errors import CorpusError
from slugline.learn.stream.chunk_terms import ChunkTerms
from slugline.learn.stream.spool import Spool, pack, unpack
from slugline.learn.stream.terms import TermTable, term_hashes
from slugline.learn.stream.textkeys import shares, text_keys
from slugline.learn.train import views_of
from slugline.progress import Progress, silent

ROWS = 1000
"""Articles of a chunk, at most."""

SAMPLED = 100_000
"""Of about so many articles the text is kept, for the evaluation and the model's self-description."""

SAMPLE = 1
"""The seed by which they are drawn."""

UNDATED = -(1 << 31)
"""The day of an article without a date."""

READ = "read.json"
_HEADS = "heads.json"
_LOOK = 5000
PARTS: dict[str | None, int] = {None: -1, TRAIN: 0, HELD_OUT: 1, UNUSED: 2}
"""How the side of an official split is written."""


def read_corpus(
    stream: CorpusStream,
    features: FeatureConfig,
    spool: Spool,
    *,
    characters: int,
    slots: int,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Spool the whole corpus, or what of it is not yet spooled; what is known of it then (plain JSON).

    Views are counted for the heads whose labels are among the first articles; where others come later, reading starts
    again. A chunk has at most ROWS articles and, but for one that is longer, `characters` of text; the table of terms
    has at most `slots` slots. Of the result, "chunks" has the number of articles in each, and "lost" is what
    `TermTable.lost` was; the hashes of the terms that may be frequent enough are the spool's "candidates". Raises
    CorpusError where the corpus cannot be read or is empty.
    """
    while (done := spool.state(READ)) is None:
        heads = spool.state(_HEADS)
        if heads is None:
            heads = _labelled(itertools.islice(stream.records(), _LOOK))
            if not any(heads.values()):
                heads = dict.fromkeys(heads, True)
            spool.save_state(_HEADS, heads)
        try:
            _read(stream, views_of(features, **heads), spool, heads, characters, slots, progress)
        except _OtherHeadError:
            count = next(number for number in itertools.count() if not spool.has(f"chunk-{number:06d}"))
            # From the last, so that there is never a gap.
            for number in reversed(range(count)):
                spool.remove(f"chunk-{number:06d}")
            spool.save_state(_HEADS, {"tags": True, "event_type": True})
    return dict(done)


def read_features(spool: Spool, features: FeatureConfig) -> FeatureConfig:
    """The views that were counted by `read_corpus`."""
    return views_of(features, **spool.state(_HEADS))


class _OtherHeadError(Exception):
    """A label of a head whose views are not counted."""


def _labelled(records: Iterable[Record]) -> dict[str, bool]:
    """Which heads some articles have labels for."""
    tags = events = False
    for record in records:
        tags = tags or bool(record.labels.tags)
        events = events or record.labels.event_type is not None
    return {"tags": tags, "event_type": events}


def _read(
    stream: CorpusStream,
    features: FeatureConfig,
    spool: Spool,
    heads: dict[str, bool],
    characters: int,
    slots: int,
    progress: Progress,
) -> None:
    table, reader = TermTable(slots), _Reader(features.views)
    sizes: list[int] = []
    while spool.has(chunk := f"chunk-{len(sizes):06d}"):
        sizes.append(reader.replay(spool.load(chunk, *_REPLAYED), table))
    read = sum(sizes)
    stage = f"reading {stream.source.name}"
    for records in _chunks(stream.records(read), characters):
        if any(found and not heads[head] for head, found in _labelled(records).items()):
            raise _OtherHeadError
        arrays = reader.arrays(records, table)
        sample = np.flatnonzero(is_sampled(arrays["id"], read)).tolist()
        arrays["unmapped"] = _json(dict(sorted(stream.unmapped.items())))
        stream.unmapped.clear()
        spool.save(f"sample-{len(sizes):06d}", _sample(records, sample))
        spool.save(f"chunk-{len(sizes):06d}", arrays)
        sizes.append(len(records))
        read += len(records)
        progress(stage, read, None)
    if not read:
        bad = f"; all {stream.bad} rows are bad, the first: {stream.skipped[0]}" if stream.bad else ""
        raise CorpusError(f"no articles{bad}", file=stream.source.path)
    progress(stage, read, read)
    least = min(view.min_df for view in features.views)
    spool.save("candidates", {"hash": table.candidates(least)})
    spool.save_state(
        READ,
        {"chunks": sizes, "lost": table.lost, "bad": stream.bad, "skipped": [str(error) for error in stream.skipped]},
    )


def is_sampled(ids: NDArray[np.uint64], read: int) -> NDArray[np.bool_]:
    """Whether the texts of articles with these `ids` (n,), of which so many were `read` before, are kept: bool (n,)."""
    return shares(ids, SAMPLE) < SAMPLED / (read + 1 + np.arange(len(ids)))


def _chunks(records: Iterator[Record], characters: int) -> Iterator[list[Record]]:
    chunk: list[Record] = []
    size = 0
    for record in records:
        own = len(record.article.title) + len(record.article.body)
        if chunk and (len(chunk) == ROWS or size + own > characters):
            yield chunk
            chunk, size = [], 0
        chunk.append(record)
        size += own
    if chunk:
        yield chunk


_REPLAYED = ("hash", "articles", "day", "tag_names", "tag_offsets", "event_names", "event_offsets")


class _Reader:
    """Makes arrays of chunks; tags and event types get numbers in the order in which they come."""

    def __init__(self, views: Sequence[ViewConfig]) -> None:
        self.views = views
        self.tags: dict[str, int] = {}
        self.events: dict[str, int] = {}

    def replay(self, arrays: dict[str, NDArray[Any]], table: TermTable) -> int:
        """Learn again what a spooled chunk taught; its number of articles."""
        table.add(arrays["hash"], arrays["articles"])
        for kind, names in (("tag", self.tags), ("event", self.events)):
            for name in unpack(arrays[f"{kind}_names"], arrays[f"{kind}_offsets"]):
                names[name] = len(names)
        return len(arrays["day"])

    def arrays(self, records: list[Record], table: TermTable) -> dict[str, NDArray[Any]]:
        """Everything of a chunk that later passes need, but for texts."""
        articles = [record.article for record in records]
        terms = ChunkTerms.of(articles, self.views)
        entered = np.flatnonzero(table.add(terms.hashes, terms.articles_with))
        blob, offsets = pack(terms.spelled(entered))
        words, shingles = text_keys(articles)
        days = [UNDATED if one.date is None else one.date.toordinal() for one in articles]
        return {
            "hash": terms.hashes,
            "view": terms.view,
            "articles": terms.articles_with,
            "entered": entered.astype(np.uint32),
            "blob": blob,
            "offsets": offsets,
            "term": terms.term,
            "article": terms.article,
            "count": terms.count,
            "id": term_hashes([one.id for one in articles]),
            "words": words,
            "shingle": shingles,
            "day": np.array(days, dtype=np.int32),
            "part": np.array([PARTS.get(record.part, PARTS[UNUSED]) for record in records], dtype=np.int8),
            "digest": np.frombuffer(_digest(records), dtype=np.uint8),
            **self._labels(records),
        }

    def _labels(self, records: list[Record]) -> dict[str, NDArray[Any]]:
        known = len(self.tags), len(self.events)
        tags: list[int] = []
        ends = [0]
        events: list[int] = []
        for record in records:
            # A set has its own order in every process.
            tags += [self.tags.setdefault(tag, len(self.tags)) for tag in sorted(record.labels.tags or ())]
            ends.append(len(tags))
            event = record.labels.event_type
            events.append(-1 if event is None else self.events.setdefault(event, len(self.events)))
        tag_names, tag_offsets = pack(list(self.tags)[known[0] :])
        event_names, event_offsets = pack(list(self.events)[known[1] :])
        return {
            "tag": np.array(tags, dtype=np.int32),
            "tag_ptr": np.array(ends, dtype=np.int64),
            "tagged": np.array([record.labels.tags is not None for record in records]),
            "event": np.array(events, dtype=np.int32),
            "tag_names": tag_names,
            "tag_offsets": tag_offsets,
            "event_names": event_names,
            "event_offsets": event_offsets,
        }


def _sample(records: list[Record], numbers: list[int]) -> dict[str, NDArray[Any]]:
    """The articles with these numbers in the chunk, as JSON."""
    rows = [[number, *_row(records[number])] for number in numbers]
    return {"rows": _json(rows)}


def _row(record: Record) -> list[Any]:
    article, labels = record.article, record.labels
    return [
        article.id,
        article.title,
        article.body,
        None if article.date is None else article.date.isoformat(),
        None if labels.tags is None else sorted(labels.tags),
        labels.event_type,
        record.part,
    ]


def _digest(records: list[Record]) -> bytes:
    found = hashlib.sha256()
    for record in records:
        found.update(json.dumps(_row(record), ensure_ascii=True).encode())
    return found.digest()


def _json(value: Any) -> NDArray[np.uint8]:
    return np.frombuffer(json.dumps(value).encode(), dtype=np.uint8)
