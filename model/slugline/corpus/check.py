"""What is wrong with a corpus: things to know before training, each with a few examples and with what to do."""

from __future__ import annotations

import bisect
import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from slugline.corpus.corpus import Corpus
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.tags import spellings
from slugline.corpus.variants import accented, joined, plurals, shown
from slugline.progress import Progress, silent

Severity = Literal["error", "warning", "note"]

_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
_EXAMPLES = 5
_SHORT = 50
_WORD = re.compile(r"\w")
_SORTED_ENOUGH = 0.9
_LONELY_YEARS = 5
_LONELY_SHARE = 0.01
_BOILERPLATE_ARTICLES = 5
_BOILERPLATE_SHARE = 0.01
_BOILERPLATE_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One kind of fault.

    `severity`: an "error" keeps a head from being trained, a "warning" makes the model or its evaluation worse, a
    "note" is worth knowing. `count` is how many articles (or tags, lines, ids: as `kind` says) have it, `examples` are
    a few of them, `advice` says what to do.
    """

    kind: str
    severity: Severity
    count: int
    examples: tuple[str, ...]
    advice: str

    def to_dict(self) -> dict[str, Any]:
        """The finding as JSON-able values."""
        return {
            "kind": self.kind,
            "severity": self.severity,
            "count": self.count,
            "examples": list(self.examples),
            "advice": self.advice,
        }


def check(
    corpus: Corpus,
    groups: npt.NDArray[np.int64] | None = None,
    *,
    progress: Progress = silent,
    today: dt.date | None = None,
    unread: Sequence[str] = (),
) -> tuple[Finding, ...]:
    """Everything found in `corpus`, errors first, then warnings, then notes; empty if nothing is wrong.

    `groups` are its near-duplicate groups (None: they are looked for). `today` decides what lies in the future (None:
    the day of the call). `unread` are the names of columns that nothing was read from. Tags should be as the corpus
    has them, before normalising, or what normalising merged cannot be told. Raises nothing.
    """
    if groups is None:
        groups = near_duplicate_groups(corpus.articles, progress=progress)
    found = [
        *_identities(corpus),
        *_columns(unread),
        *_texts(corpus),
        *_repeats(corpus, groups),
        *_labels(corpus),
        *_tags(corpus),
        *_event_types(corpus),
        *_dates(corpus, dt.date.today() if today is None else today),
        *_boilerplate(corpus),
    ]
    return tuple(sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity)))


def _finding(kind: str, severity: Severity, cases: Sequence[str], advice: str) -> Iterator[Finding]:
    """A finding about `cases`, if there are any."""
    if cases:
        yield Finding(kind, severity, len(cases), tuple(_short(case) for case in cases[:_EXAMPLES]), advice)


def _identities(corpus: Corpus) -> Iterator[Finding]:
    counts = Counter(article.id for article in corpus.articles)
    repeated = [f"{one} ({count} times)" for one, count in counts.items() if count > 1]
    yield from _finding("repeated-ids", "error", repeated, "give every article an id of its own")
    skipped = [str(error) for error in corpus.skipped]
    yield from _finding("skipped-rows", "warning", skipped, "mend these rows; they are not in the corpus")


def _columns(unread: Sequence[str]) -> Iterator[Finding]:
    advice = "if one is the text or a label: --field body=COLUMN --field tags=COLUMN"
    yield from _finding("unread-columns", "note", [repr(name) for name in unread], advice)


def _texts(corpus: Corpus) -> Iterator[Finding]:
    if not any(article.body for article in corpus.articles):
        alone = [article.id for article in corpus.articles]
        advice = "headlines alone are read: see whether the text has another field name, and name it"
        yield from _finding("no-bodies", "warning", alone, advice)
    empty = [article.id for article in corpus.articles if not _WORD.search(article.text)]
    yield from _finding(
        "empty-articles", "warning", empty, "remove them, or see whether the right field is read as text"
    )
    short = [
        f"{article.id}: {article.text}"
        for article in corpus.articles
        if len(article.text) < _SHORT and _WORD.search(article.text)
    ]
    yield from _finding("short-articles", "note", short, f"under {_SHORT} characters there is little to learn from")


def _repeats(corpus: Corpus, groups: npt.NDArray[np.int64]) -> Iterator[Finding]:
    first: dict[tuple[str, ...], int] = {}
    original = [
        first.setdefault(tuple(article.text.casefold().split()), index) if article.text else index
        for index, article in enumerate(corpus.articles)
    ]
    ids = [article.id for article in corpus.articles]
    exact = [f"{ids[index]} repeats {ids[one]}" for index, one in enumerate(original) if one != index]
    yield from _finding(
        "exact-repeats", "warning", exact, "keep one of each; official splits may have them on both sides"
    )
    differing = [
        f"{ids[index]} repeats {ids[one]}"
        for index, one in enumerate(original)
        if one != index and corpus.labels[index] != corpus.labels[one]
    ]
    yield from _finding(
        "repeats-with-other-labels", "warning", differing, "the same text is labelled in two ways: decide for one"
    )
    near = [
        f"{ids[index]} is like {ids[one]}"
        for index, one in enumerate(groups.tolist())
        if one != index and original[index] == index
    ]
    yield from _finding(
        "near-repeats", "note", near, "temporal and random splits keep them on one side; official splits count them"
    )


def _labels(corpus: Corpus) -> Iterator[Finding]:
    tagged = [labels.tags for labels in corpus.labels if labels.tags is not None]
    types = {labels.event_type for labels in corpus.labels if labels.event_type is not None}
    unlabelled = [
        article.id
        for article, labels in zip(corpus.articles, corpus.labels, strict=True)
        if labels.tags is None and labels.event_type is None
    ]
    if len(unlabelled) == len(corpus):
        advice = "nothing can be trained: see whether the labels have other field names, and name them"
        yield from _finding("no-labels", "error", unlabelled, advice)
        return
    yield from _finding("unlabelled-articles", "note", unlabelled, "they are neither trained on nor evaluated")
    tags = frozenset().union(*tagged)
    can_tags = any(one != tags for one in tagged)
    can_types = len(types) > 1
    advice = "a classifier needs articles with and articles without a label"
    severity: Severity = "warning" if can_tags or can_types else "error"
    if tags and not can_tags:
        every = [f"every article has the tag {tag!r}" for tag in sorted(tags)]
        yield from _finding("one-label", severity, every, advice)
    if types and not can_types:
        yield from _finding("one-label", severity, [f"every event type is {one!r}" for one in types], advice)


def _tags(corpus: Corpus) -> Iterator[Finding]:
    found = spellings(tag for labels in corpus.labels for tag in sorted(labels.tags or ()))

    def cases(groups: Iterable[tuple[str, ...]]) -> list[str]:
        return [", ".join(shown(key, found) for key in group) for group in groups]

    merged = [
        ", ".join(f"{spelling!r} ({count})" for spelling, count in sorted(counts.items(), key=lambda x: (-x[1], x[0])))
        for _, counts in sorted(found.items())
        if len(counts) > 1
    ]
    advice = "one tag in several spellings (case, hyphens, ...): merged when the corpus is read; nothing to do"
    yield from _finding("tag-spellings", "note", merged, advice)
    merge = "if they mean the same, make one an alias of the other in the alias file"
    yield from _finding("tag-hyphens", "warning", cases(joined(found)), merge)
    yield from _finding("tag-accents", "warning", cases(accented(found)), merge)
    yield from _finding("tag-plurals", "warning", cases(plurals(found)), merge)
    once = [shown(key, found) for key, counts in sorted(found.items()) if counts.total() == 1]
    yield from _finding("tags-seen-once", "note", once, "too rare to be trained: add articles, or make them aliases")


def _event_types(corpus: Corpus) -> Iterator[Finding]:
    found = spellings(labels.event_type for labels in corpus.labels if labels.event_type is not None)
    variants = [
        ", ".join(f"{spelling!r} ({count})" for spelling, count in sorted(counts.items()))
        for _, counts in sorted(found.items())
        if len(counts) > 1
    ]
    yield from _finding("event-type-spellings", "warning", variants, "write each event type in one way")
    once = [shown(key, found) for key, counts in sorted(found.items()) if counts.total() == 1]
    yield from _finding("event-types-seen-once", "note", once, "too rare to be learned or evaluated: add articles")


def _dates(corpus: Corpus, today: dt.date) -> Iterator[Finding]:
    dated = [(article.id, article.date) for article in corpus.articles if article.date is not None]
    future = [f"{one}: {date}" for one, date in dated if date > today]
    yield from _finding("future-dates", "warning", future, "mend them: a temporal split would hold these articles out")
    far = _far_off(sorted(date.toordinal() for _, date in dated))
    lonely = [f"{one}: {date}" for one, date in dated if date <= today and date.toordinal() in far]
    advice = f"over {_LONELY_YEARS} years lie between these dates and all others: see whether they are right"
    yield from _finding("dates-far-off", "warning", lonely, advice)
    undated = [article.id for article in corpus.articles if article.date is None]
    if dated:
        yield from _finding("undated-articles", "note", undated, "a temporal split puts them into the training part")
    days = [date.toordinal() for _, date in dated]
    rising, falling = _out_of_order(days), _out_of_order([-day for day in days])
    astray = min(rising, falling, key=len)
    if len(dated) - len(astray) >= _SORTED_ENOUGH * len(dated):
        cases = [f"{dated[index][0]}: {dated[index][1]}" for index in astray]
        advice = "the corpus is otherwise in order of date: see whether these dates are right"
        yield from _finding("dates-out-of-order", "note", cases, advice)


def _far_off(days: Sequence[int]) -> set[int]:
    """Of sorted `days`, the few at either end that a wide gap parts from the rest."""
    few = int(_LONELY_SHARE * len(days)) or len(days) // 10
    gap = round(_LONELY_YEARS * 365.25)
    far: set[int] = set()
    for place in range(1, len(days)):
        if days[place] - days[place - 1] > gap:
            if place <= few:
                far.update(days[:place])
            elif len(days) - place <= few:
                far.update(days[place:])
    return far


def _out_of_order(days: Sequence[int]) -> list[int]:
    """Positions outside of a longest non-decreasing subsequence (Schensted 1961): the fewest whose removal sorts."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, day in enumerate(days):
        place = bisect.bisect_right(tails, day)
        before.append(ends[place - 1] if place else -1)
        tails[place : place + 1] = [day]
        ends[place : place + 1] = [index]
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return [index for index in range(len(days)) if index not in kept]


def _boilerplate(corpus: Corpus) -> Iterator[Finding]:
    counts: Counter[str] = Counter()
    for article in corpus.articles:
        counts.update({line for line in article.body.splitlines() if _is_text(line)})
    least = max(_BOILERPLATE_ARTICLES, _BOILERPLATE_SHARE * len(corpus))
    frequent = sorted(((count, line) for line, count in counts.items() if count >= least), key=lambda x: (-x[0], x[1]))
    cases = [f"{count} articles: {line}" for count, line in frequent]
    yield from _finding("boilerplate-lines", "warning", cases, "remove what belongs to the page and not to the article")


def _is_text(line: str) -> bool:
    return len(line) >= _BOILERPLATE_LENGTH and any(map(str.isalpha, line))


def _short(text: str, limit: int = 120) -> str:
    text = " ".join(text.split())
    return text if len(text) <= limit else text[: limit - 3] + "..."
