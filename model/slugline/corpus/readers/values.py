"""What a corpus's values say: texts, tags, event types and parts of a split, as columns and keys hold them."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from typing import Any

from slugline.article import NONE
from slugline.corpus.corpus import HELD_OUT, TRAIN, UNUSED
from slugline.errors import CorpusError
from slugline.json_text import check_depth, loads

_LONGEST_LITERAL = 10_000
_PARTS = {
    **dict.fromkeys(("train", "training"), TRAIN),
    **dict.fromkeys(("test", "testing", "held-out", "heldout", "eval", "evaluation"), HELD_OUT),
    **dict.fromkeys(("unused", "dev", "development", "valid", "validation", "val"), UNUSED),
}


def is_blank(value: Any) -> bool:
    """Whether a value is a text without anything in it."""
    return isinstance(value, str) and not value.strip()


def is_null(value: Any) -> bool:
    """Whether a value is null; not-a-number counts, as tables write nulls so."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def read_text_value(value: Any, name: str) -> str:
    """A text as it is, a number as text, null as nothing; of a `body` also a list of paragraphs.

    Raises CorpusError, without a place, for other types.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if name == "body" and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n\n".join(value)
    raise CorpusError("wrong type", field=name, found=value, expected="a text")


def read_name(value: Any, name: str) -> str | None:
    """A text without outer blanks, or None; of an object, its "name". Raises CorpusError as `read_text_value`."""
    if value is None:
        return None
    if type(value) is str:
        return value.strip() or None
    if isinstance(value, Mapping):
        value = value.get("name")
    return read_text_value(value, name).strip() or None


def read_event_type(value: Any) -> str | None:
    """An event type: None for null (not annotated), "none" for a blank text, an empty list or "none" in any case.

    Raises CorpusError, without a place, for several event types and for other types of values.
    """
    if value is None:
        return None
    if isinstance(value, list):
        if len(value) > 1:
            raise CorpusError("several event types", field="event_type", found=value, expected="one event type")
        value = value[0] if value else ""
    text = read_text_value(value, "event_type").strip()
    return NONE if not text or text.casefold() == NONE else text


def read_part(value: Any) -> str | None:
    """A side of the official split: TRAIN, HELD_OUT, UNUSED, or None for null and blank.

    Raises CorpusError, without a place, for a word that names none of them.
    """
    text = read_text_value(value, "part").strip().casefold().replace("_", "-")
    if not text:
        return None
    if text not in _PARTS:
        raise CorpusError(
            "unknown part of the split", field="part", found=value, expected=f"one of {', '.join(_PARTS)}"
        )
    return _PARTS[text]


def read_tags(value: Any, name: str = "tags") -> frozenset[str] | None:
    """The tags that a value holds, as written but for outer blanks: a list, or a text as `split_tags` takes it.

    None is not annotated. Raises CorpusError, without a place, for other types.
    """
    if value is None:
        return None
    if isinstance(value, str):
        return frozenset(split_tags(value))
    if isinstance(value, list | tuple) and all(
        item is None or (isinstance(item, str | int | float) and not isinstance(item, bool)) for item in value
    ):
        return frozenset(tag for item in value if item is not None and (tag := str(item).strip()))
    raise CorpusError("wrong type", field=name, found=value, expected="a list of tags, or a text separated by commas")


def split_tags(text: str) -> list[str]:
    """Tags written as one text, in order: separated by `|`, else by `;`, else by commas; or a list in JSON or Python.

    >>> split_tags("Syria, Middle East"), split_tags("Washington, D.C.; Syria"), split_tags('["Syria", "Rebels"]')
    (['Syria', 'Middle East'], ['Washington, D.C.', 'Syria'], ['Syria', 'Rebels'])
    """
    text = text.strip()
    if text[:1] in ("[", "{", "(") and text[-1:] in ("]", "}", ")"):
        for read in (loads, _literal):
            try:
                made = read(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                continue
            if isinstance(made, list | tuple | set | frozenset) and all(isinstance(item, str) for item in made):
                return [tag for item in made if (tag := item.strip())]
    mark = next((mark for mark in "|;" if mark in text), ",")
    return [tag for part in text.split(mark) if (tag := " ".join(part.split()))]


def _literal(text: str) -> Any:
    # Python's parser takes hundreds of times the memory of what it parses.
    if len(text) > _LONGEST_LITERAL:
        raise ValueError("too long")
    check_depth(text)
    return ast.literal_eval(text)
