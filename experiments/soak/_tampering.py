"""Model files that are tampered with: bytes, header, manifest and arrays, signed again or not."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

_SIZES = {"U8": 1, "U16": 2, "U32": 4, "I8": 1, "I32": 4, "I64": 8, "F16": 2, "F32": 4, "F64": 8}
_NUMPY = {"U8": "<u1", "U16": "<u2", "U32": "<u4", "I8": "<i1", "I32": "<i4", "I64": "<i8"}
_NUMPY |= {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 255, 2**31, 2**32, 2**53, 2**63, 2**64, 10**30, -(10**30)),
    *(0.5, -0.0, 1e-320, 1e308, -1e308, 1e400),
    *("", " ", "a", "none", "tags", "\u202e", "\ud800", "\x00", "\x1b[31m", "=cmd|' /C calc'!A0", "x" * 5000, "Syria"),
    *([], {}, [[]], [None], [1, 2], ["a", "b"], {"": None}, {"a": {"b": []}}, {"value": "x"}, [{}] * 3),
)


@dataclasses.dataclass
class Parts:
    """A model file taken apart: the entries of its header, its manifest, and the bytes of its arrays."""

    entries: dict[str, Any]
    manifest: Any
    arrays: dict[str, bytearray]

    @classmethod
    def of(cls, raw: bytes) -> Parts:
        """Take a sound file apart."""
        length = int.from_bytes(raw[:8], "little")
        entries = json.loads(raw[8 : 8 + length])
        manifest = json.loads(entries.pop("__metadata__")["slugline"])
        body = raw[8 + length :]
        arrays = {name: bytearray(body[slice(*entry["data_offsets"])]) for name, entry in entries.items()}
        return cls(entries, manifest, arrays)

    def join(self, sign: bool, extra: dict[str, Any]) -> bytes:
        """The file again, with offsets and, where `sign`, checksums that fit; `extra` overrides entries last."""
        place, body = 0, bytearray()
        for name in sorted(self.arrays, key=lambda name: -_SIZES.get(self.entries[name].get("dtype"), 1)):
            entry = self.entries[name]
            entry["data_offsets"] = [place, place + len(self.arrays[name])]
            place += len(self.arrays[name])
            body += self.arrays[name]
        if sign and isinstance(self.manifest, dict) and isinstance(self.manifest.get("arrays"), dict):
            self.manifest["arrays"] = {name: hashlib.sha256(own).hexdigest() for name, own in self.arrays.items()}
        header: dict[str, Any] = {**self.entries, **extra}
        header["__metadata__"] = {"slugline": json.dumps(self.manifest)}
        text = json.dumps(header).encode()
        text += b" " * (-len(text) % 8)
        return len(text).to_bytes(8, "little") + text + bytes(body)


def mutated(raw: bytes, draw: random.Random) -> bytes:
    """A file that is not what it was, in one to three places."""
    if draw.random() < 0.15:
        return _bytes_changed(raw, draw)
    parts, extra = Parts.of(raw), dict[str, Any]()
    changes: list[Callable[[], None]] = [
        lambda: _json_changed(parts, draw),
        lambda: _json_changed(parts, draw),
        lambda: _values_changed(parts, draw),
        lambda: _values_changed(parts, draw),
        lambda: _resized(parts, draw),
        lambda: _retyped(parts, draw),
        lambda: _swapped(parts, draw),
        lambda: extra.update(_entry_changed(parts, draw)),
    ]
    for _ in range(draw.choice((1, 1, 2, 3))):
        draw.choice(changes)()
    made = parts.join(draw.random() < 0.85, extra)
    return _bytes_changed(made, draw) if draw.random() < 0.03 else made


def _bytes_changed(raw: bytes, draw: random.Random) -> bytes:
    changed = bytearray(raw)
    length = 8 + int.from_bytes(raw[:8], "little")
    for _ in range(draw.randint(1, 4)):
        place = draw.choice((draw.randrange(16), draw.randrange(length), draw.randrange(len(raw)))) % max(
            len(changed), 1
        )
        kind = draw.choice(("flip", "set", "insert", "delete", "cut", "append", "length"))
        if kind == "flip" and changed:
            changed[place] ^= 1 << draw.randrange(8)
        elif kind == "set" and changed:
            changed[place] = draw.randrange(256)
        elif kind == "insert":
            changed[place:place] = draw.randbytes(draw.randint(1, 9))
        elif kind == "delete":
            del changed[place : place + draw.randint(1, 64)]
        elif kind == "cut":
            del changed[place:]
        elif kind == "append":
            changed += draw.randbytes(draw.choice((1, 8, 4096)))
        elif kind == "length":
            value = draw.choice((0, 1, 2, len(raw), len(raw) - 8, 2**31, 2**40, 2**63, 2**64 - 1))
            changed[:8] = value.to_bytes(8, "little")
    return bytes(changed)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a JSON value: a list or an object, and a key in it."""
    for key in list(value) if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from _places(value[key])


def _json_changed(parts: Parts, draw: random.Random) -> None:
    """Somewhere in the manifest something else, nothing, or one thing twice; its parts have the same chance."""
    if not isinstance(parts.manifest, dict) or not parts.manifest:
        return
    top = draw.choice(sorted(parts.manifest))
    places = [(parts.manifest, top)]
    if isinstance(parts.manifest[top], dict | list):
        places += _places(parts.manifest[top])
    inside, key = draw.choice(places)
    kind = draw.random()
    if kind < 0.6:
        inside[key] = draw.choice(_VALUES)
    elif kind < 0.75:
        del inside[key]
    elif kind < 0.85 and isinstance(inside, dict):
        inside[draw.choice(("", "more", "tags", "__metadata__", "x" * 300))] = inside.pop(key)
    elif isinstance(inside, list):
        inside.append(inside[key])
    else:
        other, more = draw.choice(places)
        inside[key] = other[more] if not isinstance(other[more], dict | list) else draw.choice(_VALUES)


def _values_changed(parts: Parts, draw: random.Random) -> None:
    """Other numbers in one array."""
    name = draw.choice(sorted(parts.arrays))
    kind = parts.entries[name]["dtype"]
    if kind not in _NUMPY or len(parts.arrays[name]) < _SIZES[kind]:
        return
    array = np.frombuffer(
        bytes(parts.arrays[name][: len(parts.arrays[name]) // _SIZES[kind] * _SIZES[kind]]), _NUMPY[kind]
    )
    array = array.copy()
    values: list[Any]
    if array.dtype.kind == "f":
        values = [np.nan, np.inf, -np.inf, 0.0, -1.0, 1e-30, float(np.finfo(array.dtype).max), draw.random()]
    else:
        info = np.iinfo(array.dtype)
        values = [
            0,
            1,
            info.max,
            info.min,
            info.max // 2,
            min(len(array), info.max),
            draw.randint(int(info.min), int(info.max)),
        ]
    value = draw.choice(values)
    if draw.random() < 0.2:
        array[:] = value
    elif draw.random() < 0.2:
        array[:] = array[::-1].copy()
    else:
        for _ in range(draw.randint(1, 3)):
            array[draw.choice((0, len(array) - 1, draw.randrange(len(array))))] = value
    parts.arrays[name] = bytearray(array.tobytes())


def _resized(parts: Parts, draw: random.Random) -> None:
    """An array that is longer or shorter, also in what the header says of it."""
    name = draw.choice(sorted(parts.arrays))
    entry = parts.entries[name]
    size = _SIZES.get(entry["dtype"], 1)
    count = len(parts.arrays[name]) // size
    new = draw.choice((0, 1, count - 1, count + 1, 2 * count, draw.randrange(count + 2)))
    new = max(new, 0)
    parts.arrays[name] = (parts.arrays[name] + bytes(max(0, new - count) * size))[: new * size]
    entry["shape"] = [new] if draw.random() < 0.7 else draw.choice(([1, new], [new, 1], [], [new, 0], [1, 1, new]))


def _retyped(parts: Parts, draw: random.Random) -> None:
    """Another dtype for the same bytes."""
    name = draw.choice(sorted(parts.arrays))
    entry = parts.entries[name]
    entry["dtype"] = draw.choice((*_NUMPY, "BOOL", "BF16", "F8_E4M3", "", None))
    size = _SIZES.get(entry["dtype"], 1)
    entry["shape"] = [len(parts.arrays[name]) // size]
    parts.arrays[name] = parts.arrays[name][: entry["shape"][0] * size]


def _swapped(parts: Parts, draw: random.Random) -> None:
    """Two arrays with each other's name, or one less, or one more."""
    one, other = draw.choice(sorted(parts.arrays)), draw.choice(sorted(parts.arrays))
    kind = draw.random()
    if kind < 0.5:
        parts.arrays[one], parts.arrays[other] = parts.arrays[other], parts.arrays[one]
        parts.entries[one], parts.entries[other] = parts.entries[other], parts.entries[one]
    elif kind < 0.75 and len(parts.arrays) > 1:
        del parts.arrays[one], parts.entries[one]
    else:
        new = draw.choice(("more", "tags.more", "names.more", "", "a" * 1000))
        parts.arrays[new], parts.entries[new] = bytearray(parts.arrays[one]), dict(parts.entries[one])


def _entry_changed(parts: Parts, draw: random.Random) -> dict[str, Any]:
    """An entry of the header that does not fit what it is about."""
    name = draw.choice(sorted(parts.arrays))
    entry = dict(parts.entries[name])
    key = draw.choice(("shape", "data_offsets", "dtype", "more"))
    lies: tuple[Any, ...] = (
        [2**40],
        [2**62, 2**62],
        [0, 2**63],
        [-1],
        [0, 0],
        [0, 8],
        [8, 0],
        [2**64, 2**64 + 8],
        [1e3],
    )
    entry[key] = draw.choice((*lies, *_VALUES))
    return {name: entry} if draw.random() < 0.9 else {name: draw.choice(_VALUES)}
