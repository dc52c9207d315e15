"""Groups of articles that say the same in nearly the same words: repeats, rewrites, corrected and updated versions.

Two articles are near-duplicates if their sets of five consecutive words have a Jaccard similarity of at least the
threshold (Broder, "On the resemblance and containment of documents", 1997). Numbers are words like others: they are
all that sets one earnings brief apart from another, and without them Reuters' briefs would chain into giant groups.
For the same reason two short texts need more than a common phrase: at least 8 shingles, a dozen words in a row or
several shorter runs ("Voters in Cyprus go to the polls for a parliamentary election" and its like in WCEP have 4
to 7). So texts of fewer than 12 words are duplicates only of exact repeats.

What is compared is the body where it has 50 words, else headline and body: a copy often gets a new headline, while the
bodies of very short articles ("Qtly div 10 cts vs 10 cts prior") mean nothing without theirs.

No pair is missed: candidates come from prefixes (Chaudhuri, Ganti and Kaushik, "A primitive operator for similarity
joins in data cleaning", ICDE 2006; Bayardo, Ma and Srikant, "Scaling up all pairs similarity search", WWW 2007). A
near-duplicate of an article with n shingles has at least a = max(8, threshold n) of them, so that the two meet among
the n - a + 1 rarest shingles of both. Most shingles occur once, which leaves few rare ones that anything else has too.

Measured at 0.35 on one core: see experiments/RESULTS.md; on Reuters-21578 (21,578 articles) 1,796 articles are in 857
groups of two or more, the largest of 16 (a daily notice of the Federal Reserve); on WCEP (49,004 events) 359 in 114,
the largest of 26, all of them a bare "Israeli–Palestinian conflict".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from slugline.article import Article
from slugline.corpus.shingles import SHINGLE, Hashes, Numbers, word_blocks
from slugline.progress import Progress, silent

_FEWEST_SHARED = 8
_FEWEST_WORDS = SHINGLE + _FEWEST_SHARED - 1
_STEP = 1000

_Number = TypeVar("_Number", np.int64, np.uint64, np.uint32)
_ROUNDING = 1e-9


def near_duplicate_groups(
    articles: Sequence[Article], threshold: float = 0.35, progress: Progress = silent
) -> npt.NDArray[np.int64]:
    """Group number of each article, int64 (n,): the smallest index in its group, its own if it is like no other.

    `threshold` in (0, 1]; 0 groups nothing, not even exact repeats. Groups are the connected components of "is a
    near-duplicate of", exactly as defined above (but for 64-bit hashes that collide). Articles without any word are
    alone. Deterministic. Memory: about 25 bytes for each word of the corpus at the peak. Time grows with the corpus,
    and with the square of the number of articles that share a passage of a third of their text and are not alike.
    """
    groups = np.arange(len(articles), dtype=np.int64)
    if threshold <= 0:
        return groups
    repeats = _Repeats()
    members: list[Numbers] = []
    hashes: list[Hashes] = []
    counts: list[Numbers] = []
    done = 0
    for block in word_blocks(articles):
        progress("near-duplicates", done, len(articles))
        first = repeats.first(block.texts(), block.counts, done)
        here = slice(done, done + len(first))
        groups[here] = first
        chosen = (first == np.arange(here.start, here.stop)) & (block.counts >= _FEWEST_WORDS)
        found, sizes = block.shingles(chosen)
        members.append(np.flatnonzero(chosen) + done)
        hashes.append(found)
        counts.append(sizes)
        done = here.stop
    if members:
        sets = _shared(hashes, np.concatenate(members), np.concatenate(counts), threshold)
        groups[sets.members] = sets.members[_components(sets, threshold, progress)]
        groups = groups[groups]
    progress("near-duplicates", len(articles), len(articles))
    return groups


class _Repeats:
    """Which article first had each sequence of words."""

    def __init__(self) -> None:
        self._first: dict[int, int] = {}

    def first(self, texts: Hashes, counts: Numbers, start: int) -> Numbers:
        """The number of the first article with the text of each of these, whose own numbers begin at `start`."""
        found = np.arange(start, start + len(texts))
        for place, (text, count) in enumerate(zip(texts.tolist(), counts.tolist(), strict=True)):
            if count:
                found[place] = self._first.setdefault(text, start + place)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _Sets:
    """The shingles of m articles that several of them have: set i is `shingles[bounds[i] : bounds[i + 1]]`, ascending.

    Shingles are numbered from 0 to `known - 1`, the rarest first. `sizes` (m,) are those of the whole sets, with the
    shingles that no other article has; `least` (m,) of them are in any near-duplicate. `members` (m,) are the articles.
    """

    members: Numbers
    shingles: Numbers
    bounds: Numbers
    sizes: Numbers
    least: Numbers
    known: int

    def prefix(self, index: int) -> Numbers:
        """The shingles among which set `index` meets every near-duplicate."""
        start, end = self.bounds[index : index + 2].tolist()
        return self.shingles[start : end - int(self.least[index]) + 1]


def _shared(hashes: list[Hashes], members: Numbers, counts: Numbers, threshold: float) -> _Sets:
    """The sets of the articles that can have a near-duplicate, from all their shingles, which `hashes` loses.

    Article `members[i]` has `counts[i]` shingles, repeated ones too.
    """
    every = np.concatenate(hashes)
    hashes.clear()
    # Half of each hash, and a table of the first 24 bits of those that occur twice, leave little to sort in full.
    tops = (every >> np.uint64(32)).astype(np.uint32)
    table = np.zeros(1 << 24, dtype=bool)
    table[_repeated(tops) >> np.uint32(8)] = True
    places = np.flatnonzero(table[tops >> np.uint32(8)])
    values = every[places]
    del every, tops, table
    known = _distinct(_repeated(values))
    number = np.searchsorted(known, values)
    found = np.zeros(len(values), dtype=bool)
    inside = number < len(known)
    found[inside] = known[number[inside]] == values[inside]
    owner = np.searchsorted(np.cumsum(counts), places[found], side="right")
    pairs = _distinct(owner * len(known) + number[found])
    sizes = counts - np.bincount(owner, minlength=len(counts))
    owner, number = np.divmod(pairs, max(1, len(known)))
    # A shingle that an article has twice is one of its set.
    sizes += np.bincount(owner, minlength=len(counts))
    least = np.maximum(_FEWEST_SHARED, np.ceil(threshold * sizes - _ROUNDING).astype(np.int64))
    while True:
        articles_with = np.bincount(number, minlength=len(known))
        kept = (articles_with > 1)[number]
        kept &= (np.bincount(owner[kept], minlength=len(sizes)) >= least)[owner]
        if kept.all():
            break
        owner, number = owner[kept], number[kept]
    rank = np.empty(len(known), dtype=np.int64)
    rank[np.argsort(articles_with, kind="stable")] = np.arange(len(known))
    order = np.lexsort((rank[number], owner))
    left = np.unique(owner)
    bounds = np.searchsorted(owner, np.append(left, len(sizes)))
    return _Sets(members[left], rank[number][order], bounds, sizes[left], least[left], len(known))


def _components(sets: _Sets, threshold: float, progress: Progress) -> Numbers:
    """The first set of each set's group, (m,)."""
    total = len(sets.members)
    prefixes = [sets.prefix(index) for index in range(total)]
    lengths = np.fromiter(map(len, prefixes), dtype=np.int64, count=total)
    shingles = np.concatenate([*prefixes, np.zeros(0, dtype=np.int64)])
    order = np.argsort(shingles, kind="stable")
    having = np.repeat(np.arange(total), lengths)[order]
    starts = np.concatenate([[0], np.cumsum(np.bincount(shingles, minlength=sets.known))])
    root = np.arange(total)
    mine = np.zeros(sets.known, dtype=bool)
    for index, prefix in enumerate(prefixes):
        if index % _STEP == 0:
            progress("comparing near-duplicates", index, total)
        met = having[_ranges(starts[prefix], starts[prefix + 1])]
        met = _distinct(met[met > index])
        size = sets.sizes[index]
        met = met[np.minimum(size, sets.sizes[met]) >= threshold * np.maximum(size, sets.sizes[met]) - _ROUNDING]
        # Of a group that this article is in already, no more is to be learned.
        roots = _roots(root, np.append(met, index))
        met = met[roots[:-1] != roots[-1]]
        if not len(met):
            continue
        own = sets.shingles[sets.bounds[index] : sets.bounds[index + 1]]
        mine[own] = True
        sizes = sets.bounds[met + 1] - sets.bounds[met]
        held = mine[sets.shingles[_ranges(sets.bounds[met], sets.bounds[met + 1])]]
        mine[own] = False
        shared = np.add.reduceat(held, np.cumsum(sizes) - sizes, dtype=np.int64)
        enough = (shared >= _FEWEST_SHARED) & (shared >= threshold * (size + sets.sizes[met] - shared))
        for other in met[enough].tolist():
            left, right = sorted(_roots(root, np.array([index, other])).tolist())
            root[right] = left
    progress("comparing near-duplicates", total, total)
    return _roots(root, np.arange(total))


def _roots(root: Numbers, indices: Numbers) -> Numbers:
    """The ends of the paths that `root` makes from `indices`; the paths are shortened."""
    found: Numbers = root[indices]
    while True:
        further = root[found]
        if np.array_equal(further, found):
            root[indices] = found
            return found
        found = further


def _repeated(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The values that occur more than once, ascending, each once less."""
    values = np.sort(values)
    repeated: npt.NDArray[_Number] = values[1:][values[1:] == values[:-1]]
    return repeated


def _distinct(values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """The different values, ascending. numpy's own `unique` takes twice the time."""
    values = np.sort(values)
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    distinct: npt.NDArray[_Number] = values[first]
    return distinct


def _ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """The numbers from each start to before its end, one range after the other."""
    counts = ends - starts
    numbers: Numbers = np.arange(counts.sum()) + np.repeat(starts - (np.cumsum(counts) - counts), counts)
    return numbers
