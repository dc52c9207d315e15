"""Sizes of memory: as people write them, and as this process uses it."""

from __future__ import annotations

import re

from slugline.errors import ConfigError

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE)
_LARGE = 4 << 20
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of malloc.h
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def parse_size(text: str, *, field: str | None = None) -> int:
    """Bytes of a size such as "2G", "500M" or "1.5 GiB"; units are powers of 1024.

    Raises ConfigError, naming `field`, for anything else, and for nothing at all.

    >>> parse_size("1.5K"), parse_size("2 GB") == 2 * 1024**3
    (1536, True)
    """
    found = _SIZE.fullmatch(text.strip())
    size = int(float(found[1]) * _UNITS[found[2].upper()]) if found else 0
    if size <= 0:
        raise ConfigError("not a size of memory", field=field, found=text, expected="a number and K, M, G or T")
    return size


def show_size(size: int) -> str:
    """A size as `parse_size` reads it, in whole megabytes, rounded up.

    >>> show_size(1), show_size(3 << 30)
    ('1M', '3072M')
    """
    return f"{-(-size // (1 << 20))}M"


def release_large_blocks() -> None:
    """Have the C library give every block of 4 MB or more back to the system when it is freed, from now on.

    glibc by itself comes to keep freed blocks of up to 32 MB for later, between others that are still used, so that the
    memory of a process grows with the number of its large arrays. Does nothing with another library.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError, TypeError):
        return
    # Once one is set, neither follows what is freed any more.
    mallopt(_MMAP_THRESHOLD, _LARGE)
    mallopt(_TRIM_THRESHOLD, 2 * _LARGE)
