"""Dataclasses from nested tables and back, and the tables as TOML: the mechanics of a configuration, not its values."""

from __future__ import annotations

import dataclasses
import functools
import json
import re
import types
import typing
from pathlib import Path
from typing import Any

from slugline.errors import ConfigError
from slugline.json_text import DEEPEST, NestedTooDeeplyError

Table = dict[str, Any]
"""One table of a TOML file: plain values, lists of them, tables, or lists of tables."""


def read_toml(path: str | Path) -> Table:
    """The tables of a TOML file. Raises ConfigError if it cannot be read or is no TOML."""
    import tomllib

    try:
        text = Path(path).read_text(encoding="utf-8-sig")
        _check_depth(text)
        return tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"cannot read ({error.strerror})", file=path) from error
    except ValueError as error:
        # Python's own advice on long numbers is for programmers.
        why = "a number has too many digits" if "int_max_str_digits" in str(error) else str(error)
        raise ConfigError(f"not valid TOML: {why}", file=path) from error


# Comments and texts in quotes as a whole, unfinished ones up to the end, never going back; then brackets, the points of
# dotted keys, and what ends a key.
_MARKS = re.compile(
    r"""\#[^\n]*+|\"{3}(?:[^"\\]++|\\.|"(?!""))*+(?:\"{3})?+|'{3}(?:[^']++|'(?!''))*+(?:'{3})?+"""
    r"""|"(?:[^"\\\n]++|\\.)*+"?+|'[^'\n]*+'?+|([\[{])|([\]}])|(\.)|([,=\n])""",
    re.DOTALL,
)


def _check_depth(text: str) -> None:
    """Raise NestedTooDeeplyError where lists, tables or the parts of a key go deeper than `DEEPEST`: the parser of the
    standard library ends in a RecursionError, or takes the square of their number.
    """
    if text.count("[") + text.count("{") + text.count(".") <= DEEPEST:
        return
    depth = parts = 0
    for mark in _MARKS.finditer(text):
        kind = mark.lastindex
        if kind == 1:
            depth, parts = depth + 1, 0
        elif kind == 2:
            depth, parts = depth - 1, 0
        elif kind == 3:
            parts += 1
        elif kind == 4:
            parts = 0
        if max(depth, parts) > DEEPEST:
            raise NestedTooDeeplyError(mark.start())


def to_table(value: Any) -> Any:
    """A dataclass as nested plain values, JSON-able: tuples become lists, dataclasses in them tables."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_table(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple | list):
        return [to_table(item) for item in value]
    return dict(value) if isinstance(value, dict) else value


def from_table(kind: type[Any], table: Any, name: str, file: str | Path | None) -> Any:
    """The dataclass `kind` made from `table`, which errors call `name`; missing values take their defaults.

    Raises ConfigError for what is no table, an unknown key or a wrong type.
    """
    if not isinstance(table, dict):
        raise ConfigError("not a table", file=file, field=name, found=table, expected=f"[{name}]")
    hints = _hints(kind)  # type: ignore[arg-type]  # every class is hashable
    values: Table = {}
    for key, value in table.items():
        if key not in hints:
            raise ConfigError("unknown key", file=file, field=name, found=key, expected=f"one of {', '.join(hints)}")
        values[key] = _typed(value, hints[key], f"{name}.{key}", file)
    return kind(**values)


@functools.cache
def _hints(kind: type[Any]) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def to_toml(tables: Table) -> str:
    """Tables as TOML, which `read_toml` reads back: a list of tables as `[[table.key]]`; values that are None are
    left out.

    >>> print(to_toml({"a": {"b": 1, "c": [{"d": "e"}]}}), end="")
    [a]
    b = 1
    <BLANKLINE>
    [[a.c]]
    d = "e"
    """
    blocks = []
    for name, table in tables.items():
        lists = {key: value for key, value in table.items() if _is_tables(value)}
        plain = {key: value for key, value in table.items() if key not in lists}
        if plain or not lists:
            blocks.append(_block(f"[{name}]", plain))
        blocks += [_block(f"[[{name}.{key}]]", item) for key, items in lists.items() for item in items]
    return "\n".join(blocks)


def _block(header: str, table: Table) -> str:
    lines = [f"{key} = {_toml(value)}" for key, value in table.items() if value is not None]
    return "\n".join([header, *lines]) + "\n"


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        pairs = ", ".join(f"{_toml(key)} = {_toml(item)}" for key, item in value.items() if item is not None)
        return f"{{ {pairs} }}" if pairs else "{}"
    # JSON's strings, numbers, booleans and arrays of them are TOML too, but for one character that TOML wants escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _typed(value: Any, hint: Any, name: str, file: str | Path | None) -> Any:
    """`value` as the dataclass wants it, or ConfigError."""
    if isinstance(hint, types.UnionType):
        if value is None:
            return None
        kinds = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        hint = next((arg for arg in kinds if arg is type(value)), kinds[-1])
    origin = typing.get_origin(hint) or hint
    kind = typing.get_args(hint)[0] if origin is tuple else None
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise ConfigError("wrong type", file=file, field=name, found=value, expected=f"a list of tables [[{name}]]")
        return tuple(from_table(kind, item, f"{name}[{number}]", file) for number, item in enumerate(value))
    if origin is tuple and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if origin is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if origin is dict and isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
        return dict(value)
    if origin in (str, int, bool, float) and type(value) is origin:
        return value
    expected = {tuple: "a list of strings", dict: "a table of strings", str: "a string", int: "a whole number"}
    raise ConfigError("wrong type", file=file, field=name, found=value, expected=expected.get(origin, origin.__name__))
