"""Tags that the corpus may lack, and corrected precision, as a person reads them."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from slugline.cli import console

if TYPE_CHECKING:
    from slugline.evaluate.judge import Corrected, Judgement
    from slugline.experiment.judge import Judging


def judge_blocks(found: Judging) -> list[str]:
    """The blocks of text to show; none where nothing was asked for."""
    blocks = []
    if found.chosen:
        rows = [
            (
                f"{mistake.probability:.3f}",
                console.short(mistake.label, 24),
                console.short(mistake.title or mistake.id, 46),
            )
            for mistake in found.chosen
        ]
        blocks.append(console.table(("p", "given, not in the corpus", "article"), rows))
    if found.judgement is not None:
        blocks += _judgement(found.judgement)
    return blocks


def _judgement(judgement: Judgement) -> list[str]:
    rows = [
        (
            f"{stratum.low:.1f} to {stratum.high:.1f}",
            f"{stratum.false_positives:,}",
            f"{stratum.yes:,}",
            f"{stratum.no:,}",
            f"{stratum.unsure:,}",
        )
        for stratum in judgement.strata
        if stratum.false_positives
    ]
    bands = console.table(("probability", "not in the corpus", "yes", "no", "unsure"), rows, right=(1, 2, 3, 4))
    measures = [_measure("micro-precision", judgement.precision), _measure("micro-F1", judgement.micro_f1)]
    header = ("measure", "as the corpus has it", "corrected", "95 % interval")
    notes = [f"true tags that the corpus lacks, estimated: {judgement.missing:,.0f}"]
    if judgement.lower_bound:
        notes.append("a lower bound: a band without a judgement is taken to hold no right tag")
    if judgement.passed_over:
        notes.append(f"passed over: {judgement.passed_over:,} judged tags that are no false positives of this model")
    return [
        console.bold("Judged") + "\n" + bands,
        console.table(header, measures, right=(1, 2)) + "\n" + "\n".join(fill(note, console.WIDTH) for note in notes),
    ]


def _measure(name: str, measure: Corrected) -> tuple[str, str, str, str]:
    if measure.value is None or measure.corrected is None or measure.low is None or measure.high is None:
        return name, "-", "-", ""
    return name, f"{measure.value:.3f}", f"{measure.corrected:.3f}", f"{measure.low:.3f} to {measure.high:.3f}"
