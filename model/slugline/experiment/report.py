"""The HTML report of a model and its evaluation: what it needs, gathered."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.bundle import Bundle, label_counts, read_bundle
from slugline.decide import sigmoid
from slugline.errors import MissingExtraError
from slugline.experiment.evaluation import Evaluation
from slugline.experiment.renamed import about_now
from slugline.predict import Predictor

if TYPE_CHECKING:
    from slugline.experiment.splits import SplitComparison
    from slugline.experiment.suspects import Suspects

FILE = "report.html"
"""The name of the file among those of a run."""
SUSPECTS = 20
"""Suspects of each kind that are shown."""


def available() -> bool:
    """Whether the extra `report` is installed, looked up without importing it."""
    return all(importlib.util.find_spec(name) is not None for name in ("altair", "vl_convert", "jinja2"))


def require() -> None:
    """Raise MissingExtraError, with the command that installs it, where the extra `report` is missing."""
    if not available():
        raise MissingExtraError("the HTML report", "report")


def html_report(
    model: Path | Bundle,
    evaluation: Evaluation,
    *,
    splits: SplitComparison | None = None,
    suspects: Suspects | None = None,
    command: str = "",
    run: str = "",
    written: str = "",
) -> str:
    """The report as one HTML file; arguments as in `report.Report`. Raises MissingExtraError, ModelFileError."""
    require()
    from slugline.report import Report, render

    bundle = model if isinstance(model, Bundle) else read_bundle(model)
    manifest = bundle.manifest
    about: dict[str, Any] = {
        "config": manifest.config,
        "corpus": _corpus(bundle),
        "edits": manifest.edits,
        "libraries": manifest.libraries,
        "slugline": manifest.slugline,
    }
    return render(
        Report(
            evaluation.to_dict(),
            about,
            thresholds=thresholds(bundle),
            explained=evaluation.explained,
            splits=None if splits is None else splits.to_dict(),
            suspects=None if suspects is None else suspects.to_dict(SUSPECTS),
            command=command,
            run=run,
            written=written,
        )
    )


def thresholds(bundle: Bundle) -> dict[str, dict[str, float | None]]:
    """By head the probability from which on each label is given, None: never; event types have none."""
    head = bundle.tags
    if head is None:
        return {}
    vocabulary = bundle.tag_vocabulary() if bundle.manifest.edits else None
    finite = np.isfinite(head.thresholds)
    probability = sigmoid(head.slope * np.where(finite, head.thresholds, 0.0) + head.offset)
    found: dict[str, float | None] = {}
    for label, value, known in zip(head.labels, probability.tolist(), finite.tolist(), strict=True):
        # Of a tag that several labels were merged into, the easiest way in counts.
        own, tag = round(value, 4) if known else None, label if vocabulary is None else vocabulary.shown(label)
        if tag is not None and (tag not in found or (own is not None and own < (found[tag] or 1.0))):
            found[tag] = own
    return {"tags": found}


def _corpus(bundle: Bundle) -> dict[str, Any]:
    """What the model file says of its corpus; its training counts by the labels' names of today."""
    about = about_now(Predictor(bundle))
    return {**about, "label_counts": label_counts(about)}
