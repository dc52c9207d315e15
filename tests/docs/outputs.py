"""Whether a command printed what a document shows."""

from __future__ import annotations

import re
from functools import cache

DIGITS = 3
"""By how many units of its last digit a number with decimals may differ, and a percentage by how many points."""

NUMBER = re.compile(r"(?P<any>\.\.\.|…)|(?P<number>[-+]?\d+\.\d+|[-+]?\d+(?=\s?%))")
VALUE = r"([-+]?\d+(?:\.\d+)?)"


def missing(expected: str, actual: str) -> str | None:
    """The first line of `expected` that is not in its place in `actual`; None where all are.

    >>> missing("Sudan...\\nsport 93 %", "Sudan: rebels\\nsport   91 %") is None
    True
    >>> missing("a\\n...\\nz 0.50", "a\\nb\\nc\\nz 0.56")
    'z 0.50'
    """
    wanted = [" ".join(line.split()) for line in expected.strip().splitlines()]
    got = [" ".join(line.split()) for line in actual.strip().splitlines()]
    furthest = 0

    @cache
    def matches(place: int, start: int) -> bool:
        nonlocal furthest
        furthest = max(furthest, place)
        if place == len(wanted):
            return start == len(got)
        if wanted[place] == "...":
            return any(matches(place + 1, later) for later in range(start, len(got) + 1))
        return start < len(got) and same(wanted[place], got[start]) and matches(place + 1, start + 1)

    if matches(0, 0):
        return None
    return wanted[furthest] if furthest < len(wanted) else "(nothing more)"


def same(expected: str, actual: str) -> bool:
    """Whether a line is the expected one, but for what its dots leave open and the last digits of numbers."""
    pattern, numbers, end = "", [], 0
    for found in NUMBER.finditer(expected):
        pattern += re.escape(expected[end : found.start()])
        if found["any"]:
            pattern += ".*?"
        else:
            pattern += VALUE
            numbers.append(found["number"])
        end = found.end()
    match = re.fullmatch(pattern + re.escape(expected[end:]), actual)
    return match is not None and all(map(near, numbers, match.groups()))


def near(expected: str, actual: str) -> bool:
    decimals = len(expected.partition(".")[2])
    return abs(float(expected) - float(actual)) <= (DIGITS + 0.001) / 10**decimals
