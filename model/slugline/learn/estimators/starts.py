"""Solutions of earlier fits that later ones of the same labels start from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from slugline.learn.solvers.labels import BlockStart

MOST_BYTES = 256_000_000


class Starts:
    """Dual variables of SVMs for those that are fitted later to the same labels of the same articles.

    They belong to rows, not to terms, so that another C (Chu, Ho, Tsai, Lin and Lin 2015, "Warm start for parameter
    selection of linear classifiers"), other weights of rows and other features may start from them.
    What is fitted while it is open is kept, until it is closed: from then on every fit follows from these and from its
    own problem alone, whatever was fitted in between. The result is that of a cold start to within the solver's
    tolerance. Nothing is kept beyond `most_bytes`; such fits start cold.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._left = most_bytes
        self._found: dict[bytes, Sequence[BlockStart]] = {}
        self.open = True

    def close(self) -> None:
        """Keep nothing more."""
        self.open = False

    def find(self, Y: NDArray[np.bool_]) -> Sequence[BlockStart] | None:
        """What was kept of the labels Y (n, L), by blocks; None if nothing was."""
        return self._found.get(_digest(Y))

    def keep(self, Y: NDArray[np.bool_], blocks: Sequence[BlockStart]) -> None:
        """Keep the solution for the labels Y (n, L), in blocks as solved, if it is open, the first, and not too big."""
        key, size = _digest(Y), sum(block.alpha.nbytes for block in blocks)
        if self.open and key not in self._found and size <= self._left:
            self._found[key] = blocks
            self._left -= size


def _digest(Y: NDArray[np.bool_]) -> bytes:
    return hashlib.sha256(str(Y.shape).encode() + np.packbits(Y).tobytes()).digest()
