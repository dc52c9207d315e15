"""What is to be learned from a spooled corpus: its labels in one spelling, counted on the training side."""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from slugline.config import SplitConfig
from slugline.corpus.tags import TagNames
from slugline.errors import CorpusError
from slugline.learn.stream.reading import UNDATED
from slugline.learn.stream.sides import HELD, NEITHER, TRAINING, Repeats, Sides
from slugline.learn.stream.spool import Spool, unpack

_NAME = "plan"


@dataclass
class Counts:
    """Articles of one side of the split: all, with each label, and annotated for either head."""

    articles: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    event_types: Counter[str] = field(default_factory=Counter)
    tagged: int = 0
    typed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "articles": self.articles,
            "tags": dict(self.tags),
            "event_types": dict(self.event_types),
            "tagged": self.tagged,
            "typed": self.typed,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The labels of a spooled corpus by number, the side of every article, and what there is on either side.

    `raw` are the tags as they were written, `spelled` their spellings ("" for one that says nothing), `events` the
    event types; all by the number in the chunks. With `common`, only articles with one of these tags are used, and only
    these tags (tags.label_set "both-sides").
    """

    sizes: tuple[int, ...]
    sides: Sides
    raw: tuple[str, ...]
    spelled: tuple[str, ...]
    events: tuple[str, ...]
    common: frozenset[str] | None
    trained: Counts
    held_out: Counts
    about: Mapping[str, Any]

    def chunks(self, spool: Spool, *keys: str) -> Iterator[tuple[int, int, dict[str, NDArray[Any]], NDArray[np.int8]]]:
        """Every chunk's number, first row, arrays `keys`, and its articles' sides."""
        wanted = {*keys, "day", "part", "shingle", "id", "tag", "tag_ptr"}
        start = 0
        for number, size in enumerate(self.sizes):
            chunk = spool.load(f"chunk-{number:06d}", *sorted(wanted))
            yield number, start, chunk, self.sides_of(chunk, start)
            start += size

    def sides_of(self, chunk: Mapping[str, NDArray[Any]], start: int) -> NDArray[np.int8]:
        """TRAINING, HELD or NEITHER for each article of a chunk."""
        sides = self.sides.of(dict(chunk), start)
        if self.common is not None:
            known = np.array([name in self.common for name in self.spelled], dtype=bool)
            articles = np.repeat(np.arange(len(sides)), np.diff(chunk["tag_ptr"]))
            none = np.bincount(articles[known[chunk["tag"]]], minlength=len(sides)) == 0
            sides[none] = NEITHER
        return sides

    def columns(self, names: Sequence[str]) -> NDArray[np.int32]:
        """The place of every raw tag in `names`, int32; -1 where it is not there."""
        place = {name: number for number, name in enumerate(names)}
        return np.array([place.get(name, -1) for name in self.spelled], dtype=np.int32)


def make_plan(
    spool: Spool, sizes: Sequence[int], sides: Sides, aliases: Mapping[str, str] | None, *, both_sides: bool
) -> Plan:
    """Count the labels of a read corpus. Raises CorpusError where a side has no article, or no tag is on both."""
    raw, events, occurrences, about = _names(spool, sizes)
    named = TagNames(Counter(dict(zip(raw, occurrences.tolist(), strict=True))), aliases)
    spelled = tuple(named.name(tag) or "" for tag in raw)
    plan = Plan(tuple(sizes), sides, tuple(raw), spelled, tuple(events), None, Counts(), Counts(), about)
    trained, held_out = _count(plan, spool)
    if both_sides:
        common = frozenset(trained.tags) & frozenset(held_out.tags)
        if not common:
            raise CorpusError("no tag has articles on both sides of the split", field="tags")
        plan = dataclasses.replace(plan, common=common)
        trained, held_out = _count(plan, spool)
    for name, side in (("training", trained), ("held-out", held_out)):
        if not side.articles and not (name == "held-out" and sides.method == "none"):
            raise CorpusError(f"the {sides.method} split leaves no {name} article")
    return dataclasses.replace(plan, trained=trained, held_out=held_out)


def save_plan(spool: Spool, plan: Plan) -> None:
    """Keep the plan, for the chunks that it was made from will go."""
    sides = plan.sides
    arrays: dict[str, NDArray[Any]] = {
        "rows": sides.same.rows,
        "first": sides.same.first,
        "alike_rows": sides.alike.rows,
        "alike_first": sides.alike.first,
        "days": sides.days,
        "dropped": sides.dropped,
    }
    spool.save(_NAME, arrays)
    spool.save_state(
        f"{_NAME}.json",
        {
            "sizes": plan.sizes,
            "method": sides.method,
            "cut": sides.cut,
            "end": sides.end,
            "raw": plan.raw,
            "spelled": plan.spelled,
            "events": plan.events,
            "common": None if plan.common is None else sorted(plan.common),
            "trained": plan.trained.to_dict(),
            "held_out": plan.held_out.to_dict(),
            "about": plan.about,
        },
    )


def load_plan(spool: Spool, config: SplitConfig) -> Plan | None:
    """What `save_plan` kept, or None."""
    said = spool.state(f"{_NAME}.json")
    if said is None:
        return None
    kept = spool.load(_NAME)
    same, alike = Repeats(kept["rows"], kept["first"]), Repeats(kept["alike_rows"], kept["alike_first"])
    sides = Sides(said["method"], config, same, alike, kept["days"], kept["dropped"], said["cut"], said["end"])
    trained, held_out = (
        Counts(one["articles"], Counter(one["tags"]), Counter(one["event_types"]), one["tagged"], one["typed"])
        for one in (said["trained"], said["held_out"])
    )
    raw, spelled, events = (tuple(said[key]) for key in ("raw", "spelled", "events"))
    common = None if said["common"] is None else frozenset(said["common"])
    return Plan(tuple(said["sizes"]), sides, raw, spelled, events, common, trained, held_out, said["about"])


def _count(plan: Plan, spool: Spool) -> tuple[Counts, Counts]:
    size = len(plan.spelled)
    names = sorted({name for name in plan.spelled if name and (plan.common is None or name in plan.common)})
    column = plan.columns(names)
    counts = {TRAINING: Counts(), HELD: Counts()}
    tags = {side: np.zeros(len(names), dtype=np.int64) for side in counts}
    types = {side: np.zeros(len(plan.events), dtype=np.int64) for side in counts}
    for _, _, chunk, sides in plan.chunks(spool, "tagged", "event"):
        places = column[chunk["tag"]] if size else np.zeros(0, dtype=np.int32)
        articles = np.repeat(np.arange(len(sides)), np.diff(chunk["tag_ptr"]))
        for side, own in counts.items():
            mine = sides == side
            own.articles += int(mine.sum())
            own.tagged += int((mine & chunk["tagged"]).sum())
            own.typed += int((mine & (chunk["event"] >= 0)).sum())
            # Two raw tags of an article may be one.
            used = np.zeros(len(places), dtype=bool)
            used[np.unique(articles * (len(names) + 1) + places, return_index=True)[1]] = True
            used &= (places >= 0) & mine[articles]
            tags[side] += np.bincount(places[used], minlength=len(names))
            typed = chunk["event"][mine & (chunk["event"] >= 0)]
            types[side] += np.bincount(typed, minlength=len(plan.events))
    for side, own in counts.items():
        own.tags = Counter({name: n for name, n in zip(names, tags[side].tolist(), strict=True) if n})
        own.event_types = Counter({name: n for name, n in zip(plan.events, types[side].tolist(), strict=True) if n})
    return counts[TRAINING], counts[HELD]


def _names(spool: Spool, sizes: Sequence[int]) -> tuple[list[str], list[str], NDArray[np.int64], dict[str, Any]]:
    """Raw tags and event types by number, articles with each raw tag, and facts for the manifest."""
    tags: list[str] = []
    events: list[str] = []
    counts = np.zeros(0, dtype=np.int64)
    digest = hashlib.sha256()
    unmapped: Counter[str] = Counter()
    first, last = None, None
    keys = ("tag", "tag_names", "tag_offsets", "event_names", "event_offsets", "digest", "day", "unmapped")
    for number in range(len(sizes)):
        chunk = spool.load(f"chunk-{number:06d}", *keys)
        tags += unpack(chunk["tag_names"], chunk["tag_offsets"])
        events += unpack(chunk["event_names"], chunk["event_offsets"])
        counts = np.pad(counts, (0, len(tags) - len(counts))) + np.bincount(chunk["tag"], minlength=len(tags))
        digest.update(chunk["digest"].tobytes())
        unmapped.update(json.loads(chunk["unmapped"].tobytes()))
        days = chunk["day"][chunk["day"] != UNDATED]
        if len(days):
            first = min(int(days.min()), first or int(days.min()))
            last = max(int(days.max()), last or int(days.max()))
    about = {
        "digest": f"sha256:{digest.hexdigest()}",
        "first_date": None if first is None else dt.date.fromordinal(first).isoformat(),
        "last_date": None if last is None else dt.date.fromordinal(last).isoformat(),
        "unmapped": dict(sorted(unmapped.items(), key=lambda item: (-item[1], item[0]))),
    }
    return tags, events, counts, about
