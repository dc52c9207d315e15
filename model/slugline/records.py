"""Frozen dataclasses that are made in a third of the time, for what is imported before one article is predicted.

`dataclasses.dataclass` compiles source text for six methods of every class each time that its module is imported, which
for twenty classes takes longer than predicting an article. `record` compiles the constructor alone; what else a frozen
dataclass with slots has is shared by all of them. To type checkers it is `dataclasses.dataclass` itself, and so it is
to `dataclasses.replace`, `fields` and `is_dataclass`.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NoReturn

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:

    def record(*, frozen: bool, slots: bool, eq: bool = True) -> Callable[[type], type]:
        """`dataclasses.dataclass` with these arguments, of which `frozen` and `slots` must be true.

        >>> @record(frozen=True, slots=True)
        ... class Point:
        ...     x: int
        ...     y: int = 0
        >>> Point(1), Point(1) == Point(1, 0), dataclasses.replace(Point(1), y=2).y
        (Point(x=1, y=0), True, 2)
        """
        if not (frozen and slots):
            raise TypeError("a record is frozen and has slots")

        def made(cls: type) -> type:
            cls = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
            cls.__init__ = _constructor(cls)
            cls.__repr__, cls.__setattr__, cls.__delattr__ = _repr, _frozen, _frozen
            cls.__getstate__, cls.__setstate__ = _state, _restore
            if eq:
                names = [item.name for item in dataclasses.fields(cls) if item.compare]
                cls.__eq__, cls.__hash__ = _comparison(cls, attrgetter(*names))
            return cls

        return made


def _constructor(cls: type) -> Callable[..., None]:
    """`__init__`: the fields in order, their defaults, and a call of `__post_init__` where there is one."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_missing": dataclasses.MISSING}
    parameters, lines = ["self"], []
    for item in dataclasses.fields(cls):
        default, value = "", item.name
        if item.default is not dataclasses.MISSING:
            known[f"_default_{item.name}"] = item.default
            default = f"=_default_{item.name}"
        elif item.default_factory is not dataclasses.MISSING:
            known[f"_make_{item.name}"] = item.default_factory
            default, value = "=_missing", f"_make_{item.name}() if {item.name} is _missing else {item.name}"
        parameters.append(item.name + default)
        lines.append(f"  _set(self, {item.name!r}, {value})\n")
    if hasattr(cls, "__post_init__"):
        lines.append("  self.__post_init__()\n")
    text = f"def make({', '.join(known)}):\n def __init__({', '.join(parameters)}):\n{''.join(lines)} return __init__"
    made: dict[str, Any] = {}
    # As `dataclasses` does; all that varies in the text are the names of fields.
    exec(text, vars(sys.modules[cls.__module__]), made)
    found: Callable[..., None] = made["make"](**known)
    found.__qualname__ = f"{cls.__qualname__}.__init__"
    found.__annotations__ = {item.name: item.type for item in dataclasses.fields(cls)} | {"return": None}
    return found


def _comparison(cls: type, values: Callable[[Any], Any]) -> tuple[Callable[[Any, Any], Any], Callable[[Any], int]]:
    """`__eq__` and `__hash__` by the values of the fields and the class."""

    def equal(self: Any, other: Any) -> Any:
        return values(self) == values(other) if other.__class__ is cls else NotImplemented

    def hashed(self: Any) -> int:
        return hash(values(self))

    return equal, hashed


def _repr(self: Any) -> str:
    shown = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in dataclasses.fields(self) if item.repr)
    return f"{type(self).__qualname__}({shown})"


def _frozen(self: Any, name: str, *_: Any) -> NoReturn:  # noqa: ARG001
    raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, item.name) for item in dataclasses.fields(self)]


def _restore(self: Any, state: list[Any]) -> None:
    for item, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, item.name, value)
