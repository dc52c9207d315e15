"""Which of many texts may need cleaning: those that are in order, most of most corpora, are told by arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from slugline.corpus.clean import is_settled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

_BLOCK = 1 << 15  # characters that are looked at together: their arrays stay in a processor's cache
_END = "\0"  # between texts; no text in order has one
_NEW_LINE, _SPACE, _AMPERSAND, _PLAIN = 10, 32, 38, 95


def unsettled(texts: Sequence[str], *, lines: bool) -> NDArray[np.bool_]:
    """Which of the texts (N,) may need cleaning, bool (N,): all that are not ASCII, and all for which `is_settled`
    is not True.
    """
    doubtful = np.zeros(len(texts), np.bool_)
    numbers: list[int] = []
    size = 0
    for number, text in enumerate(texts):
        if not text:
            continue
        if not text.isascii():
            doubtful[number] = True
            continue
        numbers.append(number)
        size += len(text)
        if size >= _BLOCK:
            _look_at(texts, numbers, doubtful, lines)
            numbers, size = [], 0
    if numbers:
        _look_at(texts, numbers, doubtful, lines)
    return doubtful


def _look_at(texts: Sequence[str], numbers: list[int], doubtful: NDArray[np.bool_], lines: bool) -> None:
    """Mark those of the texts `numbers`, in ASCII and not empty, that are not in order."""
    chosen = [texts[number] for number in numbers]
    signs = np.frombuffer(f"{_END}{_END.join(chosen)}{_END}".encode("ascii"), np.uint8)
    # Where text i begins with its mark before it; a mark that follows on white space, or comes before it, is a margin.
    begins = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, chosen), np.int64, len(chosen)) + 1, out=begins[1:])
    white, breaks = signs <= _SPACE, signs == _NEW_LINE
    two = white[1:] & white[:-1]
    places = []
    if lines:
        blank = breaks[1:] & breaks[:-1]
        two ^= blank
        blank = blank[1:] & blank[:-1]
        if blank.any():
            places.append(np.flatnonzero(blank))
    elif breaks.any():
        places.append(np.flatnonzero(breaks))
    if two.any():
        places.append(np.flatnonzero(two))
    # Of characters below a space (they wrap around) and above "~" only line breaks and the marks.
    odd = signs - np.uint8(_SPACE) >= _PLAIN
    if np.count_nonzero(odd) != np.count_nonzero(breaks) + len(begins):
        odd &= ~breaks
        odd[begins] = False
        places.append(np.flatnonzero(odd))
    at = np.array(numbers)
    for found in places:
        doubtful[at[np.searchsorted(begins, found, side="right") - 1]] = True
    joins = np.flatnonzero(signs == _AMPERSAND)
    for place in sorted(set((np.searchsorted(begins, joins, side="right") - 1).tolist())):
        doubtful[numbers[place]] |= not is_settled(chosen[place], lines=lines)
