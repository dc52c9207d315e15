"""Groups of articles that say the same in nearly the same words: repeats, rewrites, corrected and updated versions.

Two articles are near-duplicates if their sets of five consecutive words have a Jaccard similarity of at least the
threshold (Broder, "On the resemblance and containment of documents", 1997). Numbers are words like others: they are
all that sets one earnings brief apart from another, and without them Reuters' briefs would chain into giant groups.
For the same reason two short texts need more than a common phrase: at least 8 shingles, a dozen words in a row or
several shorter runs ("Voters in Cyprus go to the polls for a parliamentary election" and its like in WCEP have 4
to 7). So texts of fewer than 12 words are duplicates only of exact repeats.

What is compared is the body where it has 50 words, else headline and body: a copy often gets a new headline, while the
bodies of very short articles ("Qtly div 10 cts vs 10 cts prior") mean nothing without theirs.

Measured at 0.35 on one core: Reuters-21578 (21,578 articles) 5 s, 1,796 articles in 857 groups of two or more, the
largest of 16 (a daily notice of the Federal Reserve); WCEP (49,004 events) 4 s, 359 in 114, the largest of 26, all of
them a bare "Israeli–Palestinian conflict".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from slugline.article import Article
from slugline.progress import Progress, silent

_SHINGLE = 5
_FEWEST_SHARED = 8
_BODY_ENOUGH = 50
_HASHES = 128
_RECALL = 0.995
# Pairs in a bucket grow with its square; beyond this many, members are compared with one member of each group only.
_LARGE_BUCKET = 100
_WORD = re.compile(r"\w+")

_Hashes = npt.NDArray[np.uint64]


def near_duplicate_groups(
    articles: Sequence[Article], threshold: float = 0.35, progress: Progress = silent
) -> npt.NDArray[np.int64]:
    """Group number of each article, int64 (n,): the smallest index in its group, its own if it is like no other.

    `threshold` in (0, 1]; 0 groups nothing, not even exact repeats. Groups are the connected components of "is a
    near-duplicate of". Candidate pairs come from MinHash signatures (128 permutations, cut into bands so that a pair
    at the threshold is met with a probability of at least 0.995) and are verified exactly, so that no pair below the
    threshold counts. Articles without any word are alone. Deterministic. Memory: about 40 bytes for each word of the
    corpus at the peak.
    """
    groups = _Groups(len(articles))
    if threshold <= 0:
        return groups.numbers()
    hashes = _WordHashes()
    first: dict[bytes, int] = {}
    members: list[int] = []
    sets: list[_Hashes] = []
    for index, article in enumerate(articles):
        if index % 1000 == 0:
            progress("near-duplicates", index, len(articles))
        words = hashes.of(article)
        if not len(words):
            continue
        original = first.setdefault(hashlib.blake2b(words.tobytes(), digest_size=16).digest(), index)
        if original != index:
            groups.join(original, index)
        elif len(words) >= _SHINGLE + _FEWEST_SHARED - 1:
            members.append(index)
            sets.append(_shingles(words))
    kept = _with_company(sets, threshold)
    members, sets = [members[k] for k in kept], [sets[k] for k in kept]
    for left, right in _candidates(sets, threshold, members, groups):
        if _alike(sets[left], sets[right], threshold):
            groups.join(members[left], members[right])
    progress("near-duplicates", len(articles), len(articles))
    return groups.numbers()


class _WordHashes(dict[str, int]):
    """64-bit hash of each word, the same in every process."""

    def __missing__(self, word: str) -> int:
        digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        self[word] = found = int.from_bytes(digest, "little")
        return found

    def of(self, article: Article) -> _Hashes:
        """Hashes of the words that are compared, in order."""
        words = _WORD.findall(article.body.casefold())
        if len(words) < _BODY_ENOUGH:
            words = _WORD.findall(article.title.casefold()) + words
        return np.fromiter((self[word] for word in words), dtype=np.uint64, count=len(words))


class _Groups:
    """Disjoint sets of articles, named by their smallest member."""

    def __init__(self, n: int) -> None:
        self._parent = list(range(n))

    def find(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def join(self, left: int, right: int) -> None:
        left, right = sorted((self.find(left), self.find(right)))
        self._parent[right] = left

    def numbers(self) -> npt.NDArray[np.int64]:
        return np.asarray([self.find(index) for index in range(len(self._parent))], dtype=np.int64)


def _shingles(words: _Hashes) -> _Hashes:
    """Sorted distinct hashes of all runs of five words."""
    count = len(words) - _SHINGLE + 1
    mixed = np.zeros(count, dtype=np.uint64)
    for offset in range(_SHINGLE):
        mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9) + words[offset : offset + count]
    mixed *= np.uint64(0x94D049BB133111EB)
    return np.unique(mixed ^ (mixed >> np.uint64(31)))


def _with_company(sets: list[_Hashes], threshold: float) -> list[int]:
    """Which sets can have a near-duplicate at all: enough of their shingles occur elsewhere too.

    A Jaccard similarity of t needs |A and B| >= t |A or B| >= t |A|, so this loses no pair, and leaves less than one
    article in five of Reuters-21578 and one in ten of WCEP to sign and compare.
    """
    if not sets:
        return []
    _, inverse, counts = np.unique(np.concatenate(sets), return_inverse=True, return_counts=True)
    ends = np.cumsum([len(one) for one in sets])
    common = np.concatenate([[0], np.cumsum(counts[inverse] > 1)])
    shared = np.diff(common[np.concatenate([[0], ends])])
    return [k for k, one in enumerate(sets) if shared[k] >= max(_FEWEST_SHARED, threshold * len(one))]


def _candidates(
    sets: list[_Hashes], threshold: float, members: list[int], groups: _Groups
) -> Iterator[tuple[int, int]]:
    """Pairs of positions that agree in a whole band of their signatures, each once, unless they are in one group."""
    from datasketch import MinHash

    if len(sets) < 2:
        return
    rows = _rows(threshold)
    # The upper half of a shingle's hash is a hash: datasketch need not hash it again, and takes 32 bits.
    values = ((one >> np.uint64(32)).tolist() for one in sets)
    signatures = np.stack([one.hashvalues for one in MinHash.generator(values, num_perm=_HASHES, seed=1, hashfunc=int)])
    met: set[tuple[int, int]] = set()
    for start in range(0, _HASHES - rows + 1, rows):
        # datasketch's own index keeps every band of every article in memory; sorting one band at a time does not.
        _, bucket_of = np.unique(signatures[:, start : start + rows], axis=0, return_inverse=True)
        order = np.argsort(bucket_of.ravel(), kind="stable")
        for bucket in np.split(order, np.flatnonzero(np.diff(bucket_of.ravel()[order])) + 1):
            if len(bucket) < 2:
                continue
            seen: list[int] = []
            for right in bucket.tolist():
                for left in seen:
                    if (left, right) not in met and groups.find(members[left]) != groups.find(members[right]):
                        met.add((left, right))
                        yield left, right
                alone = len(bucket) <= _LARGE_BUCKET or all(
                    groups.find(members[left]) != groups.find(members[right]) for left in seen
                )
                if alone:
                    seen.append(right)


def _rows(threshold: float) -> int:
    """The most rows to a band with which a pair at the threshold still agrees in some band, surely enough."""
    rows = 1
    while rows < _HASHES and 1 - (1 - threshold ** (rows + 1)) ** (_HASHES // (rows + 1)) >= _RECALL:
        rows += 1
    return rows


def _alike(left: _Hashes, right: _Hashes, threshold: float) -> bool:
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared >= _FEWEST_SHARED and shared >= threshold * (len(left) + len(right) - shared)
