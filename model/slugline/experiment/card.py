"""The model card: what a model file says of itself, in Markdown. Nothing in it is from anywhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from slugline.bundle import Bundle
from slugline.corpus.split import NOTHING

_TAG_FIGURES = {
    "micro_f1": "tags: micro-F1",
    "macro_f1": "tags: macro-F1 over the tags held out",
    "precision_at_3": "tags: precision of the best three",
    "micro_f1_all": "tags: micro-F1, unseen tags counted as missed",
    "unseen_tag_share": "tags: share of the true tags unseen in training",
    "ece": "tags: expected calibration error",
}
_EVENT_FIGURES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "ece": "expected calibration error"}
_SHARE_ALIKE = """\
Words, names of tags and weights of the model were learned from text under CC BY-SA 4.0
(https://creativecommons.org/licenses/by-sa/4.0/), whose authors are the contributors of the pages named above; the
model file is passed on under the same licence. {inside}"""
_EVENT_HEADS = {"event_type": "event {level}", "event_group": "event group"}


def model_card(bundle: Bundle, *, name: str, notes: str = "") -> str:
    """The card of a model, its figures rounded to three decimals; `notes` are paragraphs that come before the licence.

    Deterministic: the same model file gives the same text.
    """
    manifest = bundle.manifest
    about = manifest.corpus
    blocks = [
        f"# {name}",
        f"A model of Slugline {manifest.slugline}, format {manifest.format}. {_knows(bundle)}",
        "## What it was trained on\n" + _sources(about),
        "## What it was measured on\n" + _held_out(about),
        _figures(manifest.metrics) if about.get("split") != NOTHING else _cross_validated(about),
    ]
    blocks = [block for block in blocks if block]
    if notes.strip():
        blocks.append(notes.strip())
    kept = bundle.sections.get("neighbours")
    if kept is not None:
        said = kept.describe()
        blocks.append(
            f"## What it carries\nText is inside the file: {said['text']} ({said['articles']:,}), so that "
            "explanations can show the nearest. Whoever has the file can read them."
        )
    blocks.append("## Licence and attribution\n" + _licences(about, kept=kept is not None))
    blocks.append("## Where it comes from\n" + _origin(bundle))
    return "\n\n".join(blocks) + "\n"


def _knows(bundle: Bundle) -> str:
    parts = []
    if bundle.tags is not None:
        names = bundle.sections.get("names")
        more = "" if names is None else f" ({len(names.labels):,} tags are known by name)"
        parts.append(f"{len(bundle.tags.labels):,} tags{more}")
    if bundle.event_type is not None:
        parts.append(f"{len(bundle.event_type.labels):,} event types")
    if bundle.event_group is not None:
        parts.append(f"{len(bundle.event_group.labels):,} groups of event types")
    size = bundle.path.stat().st_size / 1e6 if bundle.path is not None else None
    return f"It knows {', '.join(parts)}, over {len(bundle.vocabulary):,} terms" + (
        "." if size is None else f", in a file of {size:.1f} MB."
    )


def _sources(about: Mapping[str, Any]) -> str:
    header = ("corpus", "articles", "training", "held out", "with tags", "with an event type", "from", "to")
    rows = [
        (
            one["title"] or one["name"],
            *(f"{one[key]:,}" for key in ("articles", "train", "held_out", "tagged", "typed")),
            one["first_date"] or "-",
            one["last_date"] or "-",
        )
        for one in about.get("sources", [])
    ]
    return _table(header, rows)


def _held_out(about: Mapping[str, Any]) -> str:
    if about.get("split") == NOTHING and not _cross_validated_rows(about):
        return f"Nothing: all {about['train']:,} articles trained it, and it was not cross-validated."
    if about.get("split") == NOTHING:
        return (
            f"Nothing was held out: all {about['train']:,} articles trained it. Each was judged by classifiers and "
            "thresholds of folds that it is not in, nor a near-copy of it; these figures have no intervals."
        )
    said = f"{about['held_out']:,} articles that nothing was trained on or chosen by; {about['train']:,} trained it."
    if about.get("split") == "temporal":
        said += " The split is by date: what was held out is later than everything in training, near-copies apart."
    return said + " Intervals are 95 % bootstrap intervals over articles."


def _figures(metrics: Mapping[str, Any]) -> str:
    rows = []
    for head, names in (("tags", _TAG_FIGURES), *((head, _EVENT_FIGURES) for head in _EVENT_HEADS)):
        found = metrics.get(head)
        if found is None:
            continue
        level = found.get("level", "type")
        prefix = "" if head == "tags" else _EVENT_HEADS[head].format(level=level) + ": "
        for key, label in names.items():
            metric = found.get(key)
            if isinstance(metric, Mapping) and metric.get("value") is not None:
                interval = "-" if metric["low"] is None else f"{metric['low']:.3f} to {metric['high']:.3f}"
                rows.append((prefix + label, f"{found['articles']:,}", f"{metric['value']:.3f}", interval))
    return _table(("measure", "articles", "value", "95 % interval"), rows)


def _cross_validated(about: Mapping[str, Any]) -> str:
    rows = _cross_validated_rows(about)
    return _table(("cross-validated measure", "articles", "value"), rows) if rows else ""


def _cross_validated_rows(about: Mapping[str, Any]) -> list[tuple[str, ...]]:
    names = {"tags": _TAG_FIGURES, **dict.fromkeys(_EVENT_HEADS, _EVENT_FIGURES)}
    prefixes = {"tags": "", "event_type": "event type: ", "event_group": "event group: "}
    return [
        (prefixes[head] + names[head][name], f"{values['articles']:,}", f"{values[name]:.3f}")
        for head, values in about.get("cross_validated", {}).items()
        for name in names[head]
        if values.get(name) is not None
    ]


def _licences(about: Mapping[str, Any], *, kept: bool) -> str:
    lines: list[str] = []
    for one in about.get("sources", []):
        page = f", {one['page']}" if one["page"] else ""
        lines.append(f"- {one['title'] or one['name']}{page}: {one['licence'] or 'licence not known'}")
    if any("CC BY-SA" in (one["licence"] or "") for one in about.get("sources", [])):
        inside = "Titles of theirs are in it." if kept else "No text of theirs is in it."
        lines += ["", _SHARE_ALIKE.format(inside=inside)]
    return "\n".join(lines)


def _origin(bundle: Bundle) -> str:
    about = bundle.manifest.corpus
    return _table(
        ("what", "digest"),
        [("model", bundle.digest or "-"), ("corpus", about["digest"]), ("split", about["split_digest"])],
    )


def _table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)
