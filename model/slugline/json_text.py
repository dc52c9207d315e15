"""JSON from outside: its nesting is looked at before it is parsed.

The parser of the standard library goes one call deeper for each level and ends in a RecursionError at a depth that
depends on who called. On the way Python may run whatever has to be tidied up just then, and that fails too, in places
that have nothing to do with the text. So what is nested more deeply than any article is refused first.
"""

import json
import re
from collections.abc import Callable
from typing import Any

DEEPEST = 100
"""Levels of lists and objects inside each other that are read."""

# All of a text in quotes at once, an unfinished one up to the end; never going back, so that time is linear.
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"?+|([\[{])|([\]}])', re.DOTALL)


class NestedTooDeeplyError(ValueError):
    """Lists and objects lie in each other more than `DEEPEST` deep."""

    def __init__(self, place: int) -> None:
        super().__init__("nested too deeply")
        self.place = place
        """Where in the text the level begins that is one too many."""


def check_depth(text: str) -> None:
    """Raise NestedTooDeeplyError where JSON is nested more than `DEEPEST` levels deep. Linear in the text's length.

    >>> check_depth('{"text": "[[[[", "tags": []}')
    >>> check_depth("[" * 101)
    Traceback (most recent call last):
    slugline.json_text.NestedTooDeeplyError: nested too deeply
    """
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    depth = 0
    for match in _BRACKETS.finditer(text):
        kind = match.lastindex
        if kind == 1:
            depth += 1
            if depth > DEEPEST:
                raise NestedTooDeeplyError(match.start())
        elif kind == 2:
            depth -= 1


def loads(
    text: str | bytes,
    *,
    strict: bool = True,
    object_pairs_hook: Callable[[list[tuple[str, Any]]], Any] | None = None,
    parse_constant: Callable[[str], Any] | None = None,
) -> Any:
    """`json.loads` for a text from outside; bytes are UTF-8.

    Raises JSONDecodeError or another ValueError (UnicodeDecodeError, NestedTooDeeplyError), never RecursionError.
    """
    if isinstance(text, bytes):
        text = text.decode("utf-8")
    check_depth(text)
    return json.loads(text, strict=strict, object_pairs_hook=object_pairs_hook, parse_constant=parse_constant)
