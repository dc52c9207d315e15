"""Tags by name: one linear model for all tags says when a tag's name in an article makes it a tag of the article."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.decide import NOT_MENTIONED
from slugline.features.mentions import MENTION_FEATURES, Mentions, NameTable, find_mentions
from slugline.features.names import NameIndex
from slugline.features.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from numpy.typing import NDArray

    from slugline.article import Article
    from slugline.head import LinearHead

TAG_FEATURES = (
    "log-odds of the tag where its name is mentioned",
    "log of articles that mention the name",
    "log of articles with the tag",
    "the tag is new",
    "no article mentions the name",
)
"""What is known of a tag from the training articles; the first is shrunk towards the share over all tags."""

NAME_FEATURES = (*MENTION_FEATURES, *TAG_FEATURES, "constant")
"""The features of a match, in the order of the weights."""

_SHRINK = 2.0
_ARRAYS = {
    "labels.blob": np.uint8,
    "labels.offsets": np.int64,
    "keys.blob": np.uint8,
    "keys.offsets": np.int64,
    "indptr": np.int64,
    "tags": np.int32,
    "full": np.uint8,
    "tagged": np.int32,
    "mentioned": np.int32,
    "both": np.int32,
    "head_weights": np.float64,
    "own_weights": np.float64,
}


@dataclass(frozen=True, slots=True, eq=False)
class TagCounts:
    """Of T tags: in how many of `articles` training articles it is a tag, is mentioned, and both; each (T,) int64."""

    articles: int
    tagged: NDArray[np.int64]
    mentioned: NDArray[np.int64]
    both: NDArray[np.int64]

    @property
    def share(self) -> float:
        """Of all mentions of a tag, the share in which it is a tag; between 0 and 1."""
        return (float(self.both.sum()) + 1.0) / (float(self.mentioned.sum()) + 2.0)

    def features(self, tags: NDArray[np.int64]) -> NDArray[np.float64]:
        """TAG_FEATURES of each of these tags, (len(tags), 5)."""
        tagged, mentioned, both = self.tagged[tags], self.mentioned[tags], self.both[tags]
        share = self.share
        odds = (both + _SHRINK * share) / (mentioned - both + _SHRINK * (1.0 - share))
        return np.column_stack(
            [np.log(odds), np.log1p(mentioned), np.log1p(tagged), (tagged == 0) * 1.0, (mentioned == 0) * 1.0]
        )

    def silence(self, tags: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        """What it says for a tag that its name is not mentioned: ln P(not mentioned | tag) - ln P(not mentioned).

        At most about 0 for a tag whose name comes with it. (len(tags),), all tags by default.
        """
        chosen = slice(None) if tags is None else tags
        tagged, mentioned, both = self.tagged[chosen], self.mentioned[chosen], self.both[chosen]
        with_tag = (tagged - both + 1.0) / (tagged + 2.0)
        without = (self.articles - mentioned + 1.0) / (self.articles + 2.0)
        # A tag that nobody has ever seen mentioned says nothing by not being mentioned.
        return np.where(mentioned > 0, np.log(with_tag) - np.log(without), 0.0)

    def grown(self, mentioned: Sequence[int]) -> TagCounts:
        """With tags at the end that no article has and so many mention."""
        none = np.zeros(len(mentioned), dtype=np.int64)
        more = np.array(mentioned, dtype=np.int64)
        return TagCounts(
            self.articles,
            np.append(self.tagged, none),
            np.append(self.mentioned, more),
            np.append(self.both, none),
        )


def name_features(mentions: Mentions, counts: TagCounts) -> NDArray[np.float64]:
    """NAME_FEATURES of each pair, (P, 18)."""
    return np.column_stack([mentions.values, counts.features(mentions.tag), np.ones(len(mentions))])


@dataclass(frozen=True, slots=True, eq=False)
class NameModel:
    """The names of T tags and when they count. The first `heads` tags are the tag head's columns, in its order.

    Of a tag of the head, a mention adds `head_weights` @ NAME_FEATURES minus `silence` * TagCounts.silence to the
    head's score, which is in logits; what silence says is part of the head's intercept. A tag without a column has the
    score `own_weights` @ NAME_FEATURES, in logits too, where it is mentioned, and is never given where it is not;
    it is decided from `threshold` on.
    """

    labels: tuple[str, ...]
    heads: int
    table: NameTable
    counts: TagCounts
    head_weights: NDArray[np.float64]  # (18,)
    silence: float
    own_weights: NDArray[np.float64]  # (18,)
    threshold: float

    def describe(self) -> dict[str, Any]:
        """What the manifest of a model file says of names."""
        return {
            "features": list(NAME_FEATURES),
            "silence": self.silence,
            "threshold": self.threshold,
            "articles": self.counts.articles,
        }

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays in a model file: T tags, the first of which are the head's and not named again."""
        encoded = [label.encode() for label in self.labels[self.heads :]]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(label) for label in encoded], out=offsets[1:])
        keys = self.table.index.keys
        return {
            "labels.blob": np.frombuffer(b"".join(encoded), dtype=np.uint8),
            "labels.offsets": offsets,
            "keys.blob": keys.blob,
            "keys.offsets": np.asarray(keys.offsets, dtype=np.int64),
            "indptr": self.table.indptr,
            "tags": self.table.tags,
            "full": self.table.full,
            "tagged": self.counts.tagged.astype(np.int32),
            "mentioned": self.counts.mentioned.astype(np.int32),
            "both": self.counts.both.astype(np.int32),
            "head_weights": self.head_weights,
            "own_weights": self.own_weights,
        }

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, LinearHead]) -> NameModel:
        """The section of a model file with this manifest entry and these arrays, everything checked.

        Raises ValueError, KeyError or TypeError where they are not sound.
        """
        for name in sorted(set(_ARRAYS) ^ set(arrays)):
            raise ValueError(f"array {name!r} is missing or unknown")
        for name, dtype in _ARRAYS.items():
            if arrays[name].dtype != dtype or arrays[name].ndim != 1:
                raise ValueError(f"array {name!r} has the wrong dtype or shape")
        if about["features"] != list(NAME_FEATURES):
            raise ValueError("features that this version does not know")
        head = heads["tags"].labels
        for name, end in (("labels", "labels.blob"), ("keys", "keys.blob")):
            _check_offsets(arrays[f"{name}.offsets"], len(arrays[end]))
        labels = (*head, *Vocabulary(arrays["labels.blob"], arrays["labels.offsets"]).terms())
        keys = Vocabulary(arrays["keys.blob"], arrays["keys.offsets"])
        tags, full = arrays["tags"], arrays["full"]
        _check_offsets(arrays["indptr"], len(tags))
        if len(arrays["indptr"]) != len(keys) + 1 or len(full) != len(tags):
            raise ValueError("names and their tags do not fit together")
        if len(tags) and not (tags.min() >= 0 and tags.max() < len(labels)):
            raise ValueError("a name belongs to no tag")
        if len(set(labels)) != len(labels) or "" in labels:
            raise ValueError("tags are not different names")
        tagged, mentioned, both = (arrays[name].astype(np.int64) for name in ("tagged", "mentioned", "both"))
        articles = about["articles"]
        if type(articles) is not int or not 0 <= articles < 1 << 31:
            raise ValueError("articles: not a count")
        for counts in (tagged, mentioned):
            if (
                len(counts) != len(labels)
                or len(both) != len(labels)
                or not ((both >= 0) & (both <= counts) & (counts <= articles)).all()
            ):
                raise ValueError("counts of tags are impossible")
        numbers = [about["silence"], about["threshold"], *arrays["head_weights"], *arrays["own_weights"]]
        if len(numbers) != 2 + 2 * len(NAME_FEATURES) or not np.isfinite(np.array(numbers, dtype=np.float64)).all():
            raise ValueError("a weight is missing or not a finite number")
        return cls(
            labels,
            len(head),
            NameTable(NameIndex(keys), arrays["indptr"], tags, full),
            TagCounts(articles, tagged, mentioned, both),
            arrays["head_weights"],
            float(about["silence"]),
            arrays["own_weights"],
            float(about["threshold"]),
        )

    def terms(self, articles: Sequence[Article]) -> NameTerms:
        """What names say of each of these cleaned articles."""
        mentions = find_mentions(articles, self.table)
        features = name_features(mentions, self.counts)
        of_head = mentions.tag < self.heads
        # Row by row and not as a product of matrices, whose last digit may depend on the other rows.
        values = (features * np.where(of_head[:, None], self.head_weights, self.own_weights)).sum(axis=1)
        if of_head.any():
            values[of_head] -= self.silence * self.counts.silence(mentions.tag[of_head])
        others, column = np.unique(mentions.tag[~of_head], return_inverse=True)
        place = mentions.tag.copy()
        place[~of_head] = self.heads + column.ravel()
        return NameTerms(mentions.article, place, values, tuple(self.labels[tag] for tag in others.tolist()))

    def said(self, articles: Iterable[Article]) -> list[dict[str, float]]:
        """What names add in each of these cleaned articles, by tag, rounded: for the self-test of a model file."""
        asked = list(articles)
        terms = self.terms(asked)
        columns = (*self.labels[: self.heads], *terms.others)
        found: list[dict[str, float]] = [{} for _ in asked]
        for article, column, value in zip(
            *(part.tolist() for part in (terms.article, terms.column, terms.values)), strict=True
        ):
            found[article][columns[column]] = round(value, 6)
        return found

    def extended(
        self,
        names: Mapping[str, Iterable[str]],
        key: Callable[[str], str],
        mentioned: Callable[[str], int],
    ) -> NameModel:
        """The same model with more names: `names` maps a tag to its other names. A tag that the model knows, by `key`,
        gets the names that it lacks; any other becomes a tag without training articles, `mentioned` in so many of them.
        """
        known = {key(label): label for label in self.labels}
        aliases: dict[str, list[str]] = {}
        labels = list(self.labels)
        for tag, others in names.items():
            label = known.get(key(tag))
            if label is None:
                known[key(tag)] = label = tag
                labels.append(tag)
            aliases.setdefault(label, []).extend((tag, *others))
        added = NameTable.build(labels, aliases, skip=len(self.labels))
        frequency = [min(mentioned(tag), self.counts.articles) for tag in labels[len(self.labels) :]]
        return replace(self, labels=tuple(labels), table=self.table.merged(added), counts=self.counts.grown(frequency))


@dataclass(frozen=True, slots=True, eq=False)
class NameTerms:
    """What names add to the scores of N articles: `values[i]` to that of the tag in column `column[i]` of the article
    `article[i]`. Columns are those of the tag head, then one for each of `others`, the tags known by name alone that
    these articles mention.
    """

    article: NDArray[np.int64]  # (P,)
    column: NDArray[np.int64]  # (P,)
    values: NDArray[np.float64]  # (P,)
    others: tuple[str, ...]

    def added(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Scores (N, L) of the tag head with the names' part, (N, L + len(others)); NOT_MENTIONED where a tag without
        a column is not mentioned.
        """
        count, heads = scores.shape
        full = np.full((count, heads + len(self.others)), NOT_MENTIONED)
        full[:, :heads] = scores
        own = self.column >= heads
        full[self.article[own], self.column[own]] = 0.0
        full[self.article, self.column] += self.values
        return full

    def of(self, article: int, column: int) -> float | None:
        """What the name adds to one score; None where it is not mentioned."""
        start, stop = np.searchsorted(self.article, (article, article + 1))
        at = np.flatnonzero(self.column[start:stop] == column)
        return float(self.values[start + at[0]]) if len(at) else None


def agrees(said: Any, found: Mapping[str, float], tolerance: float) -> bool:
    """Whether what a file says that names add, which may be anything, is what they add now."""
    return (
        isinstance(said, dict)
        and set(said) == set(found)
        and all(type(said[tag]) in (int, float) and abs(said[tag] - found[tag]) <= tolerance for tag in found)
    )


def _check_offsets(offsets: NDArray[np.int64], end: int) -> None:
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != end or (np.diff(offsets) < 0).any():
        raise ValueError("offsets do not fit what they cut up")
