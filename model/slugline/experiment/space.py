"""The configurations that a search tries: which values vary, and between which bounds."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slugline.config import Config, ViewConfig, replace

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Dimension:
    """One value of the configuration, by its full name (`tags.C`): one of `choices`, or a number on a log scale.

    Numbers have three significant digits, so that a configuration file shows exactly what was tried.
    """

    name: str
    choices: tuple[Value, ...] = ()
    low: float = 0.0
    high: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """`{"name", "choices"}` or `{"name", "low", "high"}`."""
        bounds = {"choices": list(self.choices)} if self.choices else {"low": self.low, "high": self.high}
        return {"name": self.name, **bounds}


_WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5)
_LEAST_ARTICLES = (1, 2, 3, 5)
_TITLE_REPEATS = (1, 2, 3, 4)
_HEADS: dict[str, tuple[Dimension, ...]] = {
    "tags": (
        Dimension("tags.C", low=0.1, high=10.0),
        Dimension("tags.estimator", choices=("svm", "logistic")),
        Dimension("tags.threshold", choices=("scutfbr", "scut", "global")),
        Dimension("tags.threshold_shrink", choices=(0.0, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)),
    ),
    "event_type": (
        Dimension("event_type.C", low=0.03, high=3.0),
        Dimension("event_type.estimator", choices=("svm", "svm+nb", "logistic")),
        Dimension("event_type.balance", choices=(0.0, 0.25, 0.5, 0.75, 1.0)),
    ),
}


def space_for(config: Config, heads: Collection[str]) -> tuple[Dimension, ...]:
    """What is searched around `config` for the `heads` ("tags", "event_type") that its corpus trains.

    The values of `config` itself are always in the space. docs/search.md lists it. A value of a view is named
    `views.NAME.KEY`; a view of the weight 0 is left out, and a head's first view, by which its others are
    weighed, is not.
    """
    found: list[Dimension] = []
    views = [view for view in config.features.views if view.heads in ("both", *heads)]
    firsts = [next((view for view in views if view.heads in ("both", head)), None) for head in heads]
    for view in views:
        name = f"views.{view.name}"
        if view in firsts:
            found.append(Dimension(f"{name}.min_df", _LEAST_ARTICLES))
            if view.part == "all":
                found.append(Dimension(f"{name}.title_repeat", _TITLE_REPEATS))
        else:
            found.append(Dimension(f"{name}.weight", _WEIGHTS))
    found += [dimension for head, dimensions in _HEADS.items() if head in heads for dimension in dimensions]
    start = config_values(config, found)
    return tuple(_around(dimension, start[dimension.name]) for dimension in found)


def config_values(config: Config, space: Sequence[Dimension]) -> dict[str, Value]:
    """The values that `config` has, by name.

    >>> config_values(with_values(Config(), {"tags.C": 0.3}), [Dimension("tags.C", low=0.1, high=10.0)])
    {'tags.C': 0.3}
    """
    tables: dict[str, Any] = {f"views.{view.name}": view for view in config.features.views}
    values: dict[str, Value] = {}
    for dimension in space:
        table, _, key = dimension.name.rpartition(".")
        values[dimension.name] = getattr(tables[table] if table in tables else getattr(config, table), key)
    return values


def with_values(config: Config, values: Mapping[str, Value]) -> Config:
    """`config` with the values of a trial. Raises ConfigError where they are no configuration.

    >>> with_values(Config(), {"tags.C": 0.3, "event_type.balance": 0.5}).tags.C
    0.3
    """
    views = {view.name: view for view in config.features.views}
    for name, value in values.items():
        table, _, key = name.rpartition(".")
        if table.startswith("views."):
            view, changed = table.removeprefix("views."), {key: value}
            if key == "weight" and value == 0:
                del views[view]
            elif view in views:
                views[view] = _replaced(views[view], changed)
        else:
            config = replace(config, table, **{key: value})
    return replace(config, "features", views=tuple(views.values()))


def _replaced(view: ViewConfig, values: Mapping[str, Any]) -> ViewConfig:
    return dataclasses.replace(view, **values)


def _around(dimension: Dimension, start: Value) -> Dimension:
    """The dimension, widened so that the start is in it."""
    if dimension.choices:
        if start in dimension.choices:
            return dimension
        return dataclasses.replace(dimension, choices=(start, *dimension.choices))
    number = float(start)
    return dataclasses.replace(dimension, low=min(dimension.low, number), high=max(dimension.high, number))
