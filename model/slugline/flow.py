"""Hard-wrapped text, as mail and PDF have it, made to flow: every character stays where it is."""

from __future__ import annotations

NARROWEST, WIDEST = 40, 120
"""Characters of the longest line of a text that somebody wrapped."""

_FULL = 0.8
"""The share of the longest line from which on a line was ended by its width: in a PDF letters differ in theirs."""

_MOST = 0.6
"""The share of the line breaks that are so, from which on a text is a wrapped one."""


def flowed(text: str) -> str:
    r"""The text with a space for each line break that was made by the width of a page, so that it can be wrapped anew.

    It has the same length, so that places in the one are places in the other. A line break is such a one if the next
    word had no room; all stay if most are none, as in lists and verse, if no sentence goes on over any of them, or if
    lines are too short or too long to have been wrapped.

    >>> flowed("The army said on Monday that it had left the airport,\nafter weeks of shelling.\n\nEnd")
    'The army said on Monday that it had left the airport, after weeks of shelling.\n\nEnd'
    >>> flowed("Bread\nButter\nMilk")
    'Bread\nButter\nMilk'
    """
    lines = text.split("\n")
    breaks = [number for number in range(len(lines) - 1) if lines[number].strip() and lines[number + 1].strip()]
    # An address has no place to be wrapped at.
    width = max((len(lines[number]) for number in breaks if " " in lines[number].strip()), default=0)
    if not NARROWEST <= width <= WIDEST:
        return text
    wraps = [
        number
        for number in breaks
        if len(lines[number]) <= width and _needed(lines[number], lines[number + 1]) >= _FULL * width
    ]
    if len(wraps) < _MOST * len(breaks) or not any(lines[number + 1].lstrip()[0].islower() for number in wraps):
        return text
    ends = set(wraps)
    joined = [line + (" " if number in ends else "\n") for number, line in enumerate(lines[:-1])]
    return "".join([*joined, lines[-1]])


def _needed(line: str, following: str) -> int:
    """How long a line would be with the first word of the next."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0])
