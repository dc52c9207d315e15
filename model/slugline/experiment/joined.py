"""Verdicts of many articles, made of those of a few at a time."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np

from slugline.verdicts import Verdicts


def joined(parts: Sequence[Verdicts]) -> Verdicts:
    """One of one part or more that have the same columns, those of a model without names."""
    found: dict[str, Any] = {}
    for item in dataclasses.fields(Verdicts):
        values = [getattr(part, item.name) for part in parts]
        if isinstance(values[0], np.ndarray):
            found[item.name] = np.concatenate(values)
        elif item.name.endswith("_decisions"):
            found[item.name] = tuple(one for value in values for one in value)
        else:
            found[item.name] = values[0]
    return Verdicts(**found)
