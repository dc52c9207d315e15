"""Tags that a corpus lacks: false positives judged by a person, and what the judgements make of precision.

The corrected figures are those of stratified sampling (Cochran 1977, chapter 5). False positives are parted into bands
of probability, the strata. Of the M in a band m were judged and y found right, so that M * y / m of them are taken to
be right; over all bands that is the estimate of how many true tags the corpus lacks. It is unbiased where the judged
ones of a band are like the others of that band: where all were judged, or those that were are a random sample. A band
without a judgement is taken to hold no right tag, so that the figures are then a lower bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from slugline.evaluate.mistakes import Mistake

EDGES = (0.0, 0.3, 0.5, 0.7, 0.9)
"""The lower edges of the bands of probability; the last band ends at 1."""

Z = 1.959964
"""Of a 95 % interval."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """The false positives of one band of probability; of them so many were judged `yes`, `no` and `unsure`."""

    low: float
    high: float
    false_positives: int
    yes: int
    no: int
    unsure: int

    def to_dict(self) -> dict[str, Any]:
        """The fields."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(frozen=True, slots=True)
class Corrected:
    """A measure as the corpus has it, and with the judged tags taken as true; None where it is not defined."""

    value: float | None
    corrected: float | None
    low: float | None
    high: float | None

    def to_dict(self) -> dict[str, Any]:
        """The fields, rounded to 6 decimals."""
        return {
            name: None if (value := getattr(self, name)) is None else round(value, 6)
            for name in self.__dataclass_fields__
        }


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a judged file says of a model's false positives.

    `missing` is the estimated number of true tags that the corpus lacks and the model gave. `passed_over` judgements
    are of tags that the model did not give, or that the corpus has. `lower_bound`: a band has no judgement.
    """

    strata: tuple[Stratum, ...]
    missing: float
    precision: Corrected
    micro_f1: Corrected
    passed_over: int

    @property
    def lower_bound(self) -> bool:
        """Whether false positives of a band that nobody judged were taken to be wrong."""
        return any(stratum.false_positives and not stratum.yes + stratum.no for stratum in self.strata)

    def to_dict(self) -> dict[str, Any]:
        """The JSON object documented in docs/evaluation.md."""
        return {
            "false_positives": sum(stratum.false_positives for stratum in self.strata),
            "judged": sum(stratum.yes + stratum.no for stratum in self.strata),
            "unsure": sum(stratum.unsure for stratum in self.strata),
            "passed_over": self.passed_over,
            "missing_tags": round(self.missing, 2),
            "lower_bound": self.lower_bound,
            "micro_precision": self.precision.to_dict(),
            "micro_f1": self.micro_f1.to_dict(),
            "strata": [stratum.to_dict() for stratum in self.strata],
            "method": "stratified by probability; 95 % interval of what judging the others might change",
        }


def spread(found: Sequence[Mistake], count: int, seed: int = 0) -> list[Mistake]:
    """`count` false positives for judging: of every band the same number (as far as it goes), drawn at random.

    In the order of `found`. The seed makes the same draw again.
    """
    bands: list[list[int]] = [[] for _ in EDGES]
    for number, mistake in enumerate(found):
        bands[_band(mistake.probability)].append(number)
    rng = np.random.default_rng(seed)
    waiting = [rng.permutation(band).tolist() for band in bands[::-1] if band]
    chosen: list[int] = []
    while waiting and len(chosen) < count:
        for band in waiting:
            if len(chosen) < count:
                chosen.append(band.pop())
        waiting = [band for band in waiting if band]
    return [found[number] for number in sorted(chosen)]


def corrected(
    found: Sequence[Mistake], judged: Mapping[tuple[str, str], str], *, hits: int, decided: int, actual: int
) -> Judgement:
    """Precision and micro-F1 with the judged false positives taken as true.

    `found` are all false positives, `judged` says "yes", "no" or "unsure" of (article id, tag). Of the same evaluation,
    `hits` are the true tags given, `decided` all tags given, `actual` the true tags of the model. The intervals are
    about the false positives that were not judged, the articles being as they are: the normal approximation with the
    variance of each band, finite population correction included, its share taken as (y + 1) / (m + 2), so that two
    agreeing judgements are no certainty. Of true tags that nobody gave, model or corpus, nothing is known: corrected
    F1 still has a recall that is too high.
    """
    counts = np.zeros((len(EDGES), 4), dtype=np.int64)
    column = {"yes": 1, "no": 2, "unsure": 3}
    used = 0
    for mistake in found:
        band = counts[_band(mistake.probability)]
        band[0] += 1
        said = judged.get((mistake.id, mistake.label))
        if said is not None:
            band[column[said]] += 1
            used += 1
    ends = (*EDGES[1:], 1.0)
    strata = tuple(
        Stratum(low, high, *(int(count) for count in row)) for low, high, row in zip(EDGES, ends, counts, strict=True)
    )
    missing = sum(_right(stratum) for stratum in strata)
    error = Z * math.sqrt(sum(_variance(stratum) for stratum in strata))
    least, most = float(counts[:, 1].sum()), float((counts[:, 0] - counts[:, 2]).sum())
    interval = (max(least, missing - error), min(most, missing + error))

    def measure(above: int, below: int, weight: int, moves: int) -> Corrected:
        """A ratio of counts; a missing tag found adds `weight` above and `moves` below."""
        if not below:
            return Corrected(None, None, None, None)
        values = [(above + weight * more) / (below + moves * more) for more in (0.0, missing, *interval)]
        return Corrected(*values)

    return Judgement(
        strata,
        missing,
        measure(hits, decided, 1, 0),
        measure(2 * hits, decided + actual, 2, 1),
        len(judged) - used,
    )


def _band(probability: float) -> int:
    return int(np.searchsorted(EDGES, probability, side="right")) - 1


def _right(stratum: Stratum) -> float:
    judged = stratum.yes + stratum.no
    return stratum.false_positives * stratum.yes / judged if judged else 0.0


def _variance(stratum: Stratum) -> float:
    """Of the estimated number of right ones in a band; 0 where all were judged, and where none was."""
    judged, whole = stratum.yes + stratum.no, stratum.false_positives
    if judged in (0, whole):
        return 0.0
    share = (stratum.yes + 1) / (judged + 2)
    return whole * whole * (1 - judged / whole) * share * (1 - share) / judged
