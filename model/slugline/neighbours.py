"""The training articles most like an article, in a model file that was asked to keep their titles. Numpy alone.

An article is its `TERMS` heaviest single words (TF-IDF), which are enough to know an article again; likeness is the
cosine of two such rows. They are kept by term, so that a search reads the few postings of an article's own words.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from slugline.errors import ModelFileError
from slugline.features.arrays import ragged

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.features.vocabulary import Vocabulary
    from slugline.head import LinearHead

TERMS = 48
"""Words of an article that are compared."""

NEAREST = 3
"""Articles that an explanation shows."""

TEXTS = ("ids", "titles", "labels")
_ARRAYS: dict[str, tuple[type[np.generic], ...]] = {
    **{f"{name}.blob": (np.uint8,) for name in TEXTS},
    **{f"{name}.offsets": (np.int64,) for name in TEXTS},
    "dates": (np.int32,),
    "tagged": (np.uint8,),
    "tags.indptr": (np.int64,),
    "tags": (np.int32,),
    "types": (np.int32,),
    "indptr": (np.uint32, np.int64),
    "articles": (np.uint8, np.uint16, np.int32),
    "weights": (np.int8,),
    "scale": (np.float32,),
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training article like the one asked about: `similarity` is their cosine, from 0 to 1.

    `tags` is None where it was not annotated with tags, `event_type` where not with one.
    """

    id: str
    title: str
    date: dt.date | None
    similarity: float
    tags: tuple[str, ...] | None
    event_type: str | None

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON; the similarity rounded to 4 decimals, the date in ISO."""
        return {
            "id": self.id,
            "title": self.title,
            "date": None if self.date is None else self.date.isoformat(),
            "similarity": round(self.similarity, 4),
            "tags": None if self.tags is None else list(self.tags),
            "event_type": self.event_type,
        }


@dataclass(frozen=True, eq=False)
class Neighbours:
    """A section of the model file. Of N articles, by number: `ids`, `titles` and the `labels` of all are texts end to
    end (blob and offsets); `dates` are days as `date.toordinal` counts them (0: none), `tagged` says whether there are
    tags, which are the labels `tags[tags.indptr[i]:tags.indptr[i + 1]]`, and `types` is a label or -1.

    Term t is one of the compared words of the articles `articles[indptr[t]:indptr[t + 1]]`, with `weights`; an
    article's weights times its `scale` are a row of length 1.
    """

    parts: Mapping[str, NDArray[Any]]

    @property
    def labels(self) -> tuple[str, ...]:
        """None beside those of the heads."""
        return ()

    def __len__(self) -> int:
        return len(self.parts["scale"])

    def describe(self) -> dict[str, Any]:
        """What the manifest says of it: plain JSON."""
        return {"articles": len(self), "text": "ids, titles, dates and labels of the training articles"}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Its arrays by key."""
        return dict(self.parts)

    @classmethod
    def read(cls, about: dict[str, Any], arrays: dict[str, NDArray[Any]], heads: Mapping[str, LinearHead]) -> Self:
        """The section of a file. Raises ValueError or KeyError where it is not sound.

        What grows with the articles is not read here but when it is used, and checked there.
        """
        for name in sorted(set(_ARRAYS) ^ set(arrays)):
            raise ValueError(f"array {name!r} is missing or unknown")
        for name, dtypes in _ARRAYS.items():
            if arrays[name].dtype not in dtypes or arrays[name].ndim != 1:
                raise ValueError(f"array {name!r} has the wrong dtype or shape")
        count = len(arrays["scale"])
        if type(about["articles"]) is not int or about["articles"] != count:
            raise ValueError("articles: not the number of articles")
        for name in ("dates", "tagged", "types"):
            if len(arrays[name]) != count:
                raise ValueError(f"array {name!r} is not one for each article")
        for name in ("ids.offsets", "titles.offsets", "tags.indptr"):
            if len(arrays[name]) != count + 1:
                raise ValueError(f"array {name!r} does not fit the articles")
        if any(len(arrays["indptr"]) != len(head.indptr) for head in heads.values()):
            raise ValueError("array 'indptr' does not fit the vocabulary")
        if len(arrays["articles"]) != len(arrays["weights"]):
            raise ValueError("articles and weights do not fit together")
        return cls(arrays)

    def nearest(
        self, indices: NDArray[np.int64], values: NDArray[np.float64], vocabulary: Vocabulary, count: int = NEAREST
    ) -> tuple[Neighbour, ...]:
        """The `count` articles most like the one with these terms and values, most like first, of equals the first.

        None that shares no word with it. Raises ModelFileError where the section turns out to be damaged.
        """
        parts = self._sound
        chosen = compared(indices, values, vocabulary)
        terms, own = indices[chosen], values[chosen]
        length = float(np.sqrt((own * own).sum()))
        if not length:
            return ()
        starts = parts["indptr"][terms].astype(np.int64)
        each = parts["indptr"][terms + 1].astype(np.int64) - starts
        places = ragged(starts, each)
        articles = parts["articles"][places].astype(np.int64)
        if len(articles) and not (articles.min() >= 0 and articles.max() < len(self)):
            raise _damaged("articles")
        products = np.repeat(own, each) * parts["weights"][places]
        likeness = np.bincount(articles, weights=products, minlength=len(self)) * parts["scale"] / length
        if not np.isfinite(likeness).all():
            raise _damaged("scale")
        best = np.flatnonzero(likeness > 0)
        if len(best) > count:
            least = np.partition(likeness[best], -count)[-count]
            best = best[likeness[best] >= least]
        ranked = best[np.argsort(-likeness[best], kind="stable")][:count]
        return tuple(self._neighbour(number, min(1.0, float(likeness[number]))) for number in ranked.tolist())

    def _neighbour(self, number: int, similarity: float) -> Neighbour:
        parts = self.parts
        day, kind = int(parts["dates"][number]), int(parts["types"][number])
        start, stop = parts["tags.indptr"][number : number + 2].tolist()
        try:
            date = dt.date.fromordinal(day) if day else None
        except (ValueError, OverflowError):
            raise _damaged("dates") from None
        tags = tuple(self._text("labels", label) for label in parts["tags"][start:stop].tolist())
        return Neighbour(
            self._text("ids", number),
            self._text("titles", number),
            date,
            similarity,
            tags if parts["tagged"][number] else None,
            None if kind < 0 else self._text("labels", kind),
        )

    def _text(self, name: str, number: int) -> str:
        offsets = self.parts[f"{name}.offsets"]
        if not 0 <= number < len(offsets) - 1:
            raise _damaged(name)
        return self.parts[f"{name}.blob"][offsets[number] : offsets[number + 1]].tobytes().decode("utf-8", "replace")

    @cached_property
    def _sound(self) -> Mapping[str, NDArray[Any]]:
        """The arrays, after every offset has been looked at. Raises ModelFileError."""
        ends = {f"{name}.offsets": f"{name}.blob" for name in TEXTS}
        for name, of in (ends | {"tags.indptr": "tags", "indptr": "articles"}).items():
            offsets = self.parts[name].astype(np.int64)
            if not len(offsets) or offsets[0] or offsets[-1] != len(self.parts[of]) or (np.diff(offsets) < 0).any():
                raise _damaged(name)
        return self.parts


def compared(indices: NDArray[np.integer[Any]], values: NDArray[Any], vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Which of one article's terms are compared: its heaviest single words, of equals the first; all where none is one.

    Words of the first view are those without a prefix.
    """
    spelled = [vocabulary.term(term) for term in indices.tolist()]
    words = np.flatnonzero([":" not in term and " " not in term for term in spelled])
    words = words if len(words) else np.arange(len(spelled))
    return np.sort(words[np.argsort(-values[words], kind="stable")][:TERMS])


def _damaged(field: str) -> ModelFileError:
    return ModelFileError("damaged", field=f"neighbours.{field}")
