"""What a model file says of itself, as plain JSON: all that its card is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.bundle import label_counts
from slugline.config import Config, CorpusConfig, ViewConfig
from slugline.config_toml import to_table, to_toml
from slugline.decide import sigmoid
from slugline.events import Events

if TYPE_CHECKING:
    from collections.abc import Mapping

    from slugline.bundle import Bundle
    from slugline.head import LinearHead

FEW = 10
"""A tag with fewer training articles than this has few."""

_COUNTED = "label_counts"


def card_facts(bundle: Bundle) -> dict[str, Any]:
    """The facts of a model's card. `findings` is None where the Slugline that made the file did not measure them.

    `thresholds` are as probabilities: those of the tenth, the middle and the ninetieth of a hundred tags. The counts of
    each single tag are left out; `tags` are those with weights as it was trained, `tags_now` after edits, and so with
    event types. The same
    model file gives the same.
    """
    manifest = bundle.manifest
    size = None if bundle.path is None else bundle.path.stat().st_size
    heads, types = (0 if head is None else len(head.labels) for head in (bundle.tags, bundle.event_type))
    about = {key: value for key, value in manifest.corpus.items() if key != _COUNTED}
    return {
        "model": bundle.digest or None,
        "slugline": manifest.slugline,
        "format": manifest.format,
        "libraries": manifest.libraries,
        "bytes": size,
        "terms": len(bundle.vocabulary),
        "tags": heads,
        "tags_by_name": len(bundle.tag_labels) if "names" in bundle.sections else 0,
        "event_types": types,
        "event_groups": 0 if bundle.event_group is None else len(bundle.event_group.labels),
        "corpus": about,
        "metrics": manifest.metrics,
        "findings": manifest.findings or None,
        "few": _few(bundle),
        "decisions": {name: _decision(head) for name, head in bundle.heads.items() if name != "event_group"},
        "tags_now": len(bundle.tag_vocabulary().now(bundle.tag_labels[:heads])),
        "event_types_now": len(Events(bundle).types) if bundle.edited("event_type") else types,
        "edits": manifest.edits,
        "original": manifest.edits[0].get("model") if manifest.edits else None,
        "text": {
            name: said["text"]
            for name, section in sorted(bundle.sections.items())
            if "text" in (said := section.describe())
        },
        "config": manifest.config,
    }


def config_differences(config: Mapping[str, Any]) -> str:
    """The values of a configuration that are not Slugline's own, as TOML; reading it gives the whole configuration."""
    known = Config().to_dict()
    tables = {name: _other(table, known.get(name, {})) for name, table in config.items()}
    return to_toml({name: table for name, table in tables.items() if table})


def _few(bundle: Bundle) -> dict[str, int] | None:
    counts = label_counts(bundle.manifest.corpus)
    if counts is None or bundle.tags is None:
        return None
    few = sum(counts["tags"].get(label, 0) < FEW for label in bundle.tags.labels)
    return {"articles": FEW, "tags": few, "of": len(bundle.tags.labels)}


def _decision(head: LinearHead) -> dict[str, Any]:
    said: dict[str, Any] = {"rule": head.rule, "labels": len(head.labels)}
    if head.rule == "argmax":
        return said | {"abstain_below": head.abstain_below}
    reached = np.isfinite(head.thresholds)
    chances = sigmoid(head.slope[reached] * head.thresholds[reached] + head.offset[reached])
    spread = [round(float(value), 4) for value in np.quantile(chances, (0.1, 0.5, 0.9))] if len(chances) else None
    said |= {"thresholds": spread, "never": int((~reached).sum()), "rank": head.rank}
    return said | {"fallback": head.fallback, "fallback_from": head.fallback_from}


def _other(table: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """The entries of a table that differ from those of `known`."""
    nested = {"sources": to_table(CorpusConfig()), "views": to_table(ViewConfig())}
    found: dict[str, Any] = {}
    for key, value in table.items():
        if key in nested and isinstance(value, list) and value != known.get(key):
            # Each has a name at least, by which it is one.
            found[key] = [{"name": one.get("name"), **_other(one, nested[key])} for one in value]
        elif key not in known or value != known[key]:
            found[key] = value
    return found
