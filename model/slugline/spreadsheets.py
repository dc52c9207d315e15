"""Cells that a spreadsheet would run as a formula, made harmless in a way that can be undone."""

from __future__ import annotations

import re

# OWASP's list for CSV injection, the full-width forms that some spreadsheets take as well included.
_SIGNS = r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
# An apostrophe in front makes it text, as spreadsheets write it themselves. One more where there are some already, so
# that what is taken away is what was put there.
_FORMULA = re.compile(rf"'*{_SIGNS}")
_QUOTED = re.compile(rf"'+{_SIGNS}")


def harmless(text: str) -> str:
    """`text` with an apostrophe in front where it begins with =, +, -, @, a tab or the end of a line.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("Rebels' raid")
    ("'=1+1", "''=1+1", "Rebels' raid")
    """
    return f"'{text}" if _FORMULA.match(text) else text


def restored(text: str) -> str:
    """What `harmless` was given.

    >>> restored(harmless("'@home")), restored("'tis")
    ("'@home", "'tis")
    """
    return text[1:] if _QUOTED.match(text) else text
