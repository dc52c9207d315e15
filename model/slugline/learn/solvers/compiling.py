"""How the solvers are compiled: once on a machine, kept in numba's cache where there is a place for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """The function, compiled when it is first called; it runs without Python's lock, so that threads gain.

    Rounding is as written (no fastmath): the same bytes in every thread and on every processor. The machine code is
    kept beside this file, or in the user's cache; where neither can be written (a read-only container), every process
    compiles anew, which takes some seconds.
    """
    settings: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        made: Function = njit(cache=True, **settings)(function)
    except RuntimeError:  # numba found no place for a cache
        made = njit(**settings)(function)
    return made
