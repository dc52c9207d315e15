"""Files with faults in them."""

from __future__ import annotations

import contextlib
import random

_TOKENS = (
    *(b'"', b"'", b"{", b"}", b"[", b"]", b"<", b">", b"&", b";", b",", b"\t", b"\n", b"\r", b"\r\n", b"\0", b"\\"),
    *(b"\\ud800", b"\xed\xa0\x80", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xff", b"\x1b[2J", b"\x1b]0;x\x07"),
    *("\u202e".encode(), "\u2028".encode(), "\u0085".encode(), b"<!--", b"-->", b"<![CDATA[", b"<!DOCTYPE", b"</"),
    *(b"NaN", b"1e999", b"-1", b"9" * 400, b"0000-00-00", b"null", b"=cmd|' /C calc'!A0", b"&#x110000;", b"&#0;"),
    *(b"<REUTERS ", b"</REUTERS>", b'"""', b"'''", b"\x1f\x8b", b"BZh9", b"PAR1", b"PK\x03\x04", b"\x1a", b"]" * 200),
    *(
        b"[" * 200,
        b'{"a":' * 120,
        b"#",
        b"@prefix",
        b"e:",
        b"^^",
        b"inf",
        b"T99:99",
        b"__label__",
        b"Tags\n",
        b"sep=,\n",
    ),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to eight faults in it: bytes changed, cut, repeated, moved, or a token of some format put in."""
    made = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        if not made:
            break
        at = chance.randrange(len(made))
        end = min(len(made), at + chance.choice((1, 2, 4, 16, 64)))
        kind = chance.randrange(9)
        if kind == 0:
            made[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            made[at] = chance.randrange(256)
        elif kind == 2:
            del made[at:end]
        elif kind == 3:
            made[at:at] = made[at:end] * chance.choice((1, 2, 50))
        elif kind == 4:
            del made[at:]
        elif kind == 5:
            piece = bytes(made[at:end])
            del made[at:end]
            place = chance.randrange(len(made) + 1)
            made[place:place] = piece
        elif kind == 6:
            made[at:end] = bytes(end - at)
        else:
            made[at:at] = chance.choice(_TOKENS) * chance.choice((1, 1, 1, 3, 200))
    if chance.random() < 0.03:
        with contextlib.suppress(UnicodeError):
            return bytes(made).decode().encode(chance.choice(("utf-16", "utf-16-be", "utf-32-le", "cp1252")))
    return bytes(made)
