"""Reading a safetensors file by mapping it into memory, trusting nothing that it says of itself.

The format (https://github.com/huggingface/safetensors, "Format"): 8 bytes with the header's length (unsigned,
little-endian), the header (JSON: name to dtype, shape and data_offsets; `__metadata__` maps strings to strings), then
the arrays' bytes, in one piece and without holes. There is nothing in it that could run.
"""

from __future__ import annotations

import hashlib
import mmap
import zlib
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.errors import ModelFileError
from slugline.json_text import loads
from slugline.records import record

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LONGEST_HEADER = 100_000_000  # the limit of the safetensors library
_DTYPES = {"U8": "<u1", "U16": "<u2", "U32": "<u4", "I8": "<i1", "I32": "<i4", "I64": "<i8"}
_DTYPES |= {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
_WANTED = "a Slugline model file (.safetensors)"


@record(frozen=True, slots=True, eq=False)
class TensorFile:
    """What a file holds: its `metadata`, its arrays (views of the file's bytes, read-only), `sha256` of its header."""

    metadata: dict[str, str]
    arrays: dict[str, NDArray[Any]]
    sha256: str
    mapped: mmap.mmap | None = None  # None: copied


def read_tensors(path: str | Path, key: str, *, copy: bool = False) -> TensorFile:
    """Map the file at `path`; only its header is read, the arrays' bytes when they are used.

    With `copy` all of it is read into memory. A mapped file must not be written to as long as it is used: where it is
    cut short, the system ends whoever reads what is gone (SIGBUS; `Bundle.check_whole` looks before); a file whose name
    another one takes stays mapped as it was.
    Raises ModelFileError if there is no such file, if it is not a whole and sound safetensors file, or if its metadata
    lack `key`, by which a program knows its own.
    """
    try:
        # Opening a pipe would wait for somebody to write to it.
        if not Path(path).is_file() and not Path(path).is_dir() and Path(path).exists():
            raise ModelFileError("not a model file", file=path, found="a pipe or device", expected=_WANTED)
        with Path(path).open("rb") as stream:
            size = stream.seek(0, 2)
            stream.seek(0)
            header = _header(stream.read(16), size, path)
            stream.seek(0)
            raw = stream.read(8 + header)
            if len(raw) != 8 + header:
                raise ModelFileError("cut short while being read", file=path)
            content = _copied(stream, size, path) if copy else mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
            if len(content) != size or content[: len(raw)] != raw:
                raise ModelFileError("changed while being read", file=path)
    except FileNotFoundError as error:
        raise ModelFileError("no such model file; `slugline train` writes one", file=path) from error
    except IsADirectoryError as error:
        raise ModelFileError("not a model file", file=path, found="a folder", expected=_WANTED) from error
    except (OSError, ValueError) as error:
        raise ModelFileError(f"cannot read ({getattr(error, 'strerror', None) or error})", file=path) from error
    entries, metadata = _parse(raw[8:], path)
    if key not in metadata:
        raise ModelFileError(
            "not a model file", file=path, found="a safetensors file without a manifest", expected=_WANTED
        )
    arrays = _views(entries, content, 8 + header, size, path)
    mapped = content if isinstance(content, mmap.mmap) else None
    return TensorFile(metadata, arrays, hashlib.sha256(raw).hexdigest(), mapped)


def _copied(stream: BufferedReader, size: int, path: str | Path) -> memoryview:
    """All bytes of a file, in memory that is aligned as arrays are."""
    held = np.empty(size, np.uint8)
    stream.seek(0)
    if stream.readinto(held.data) != size:
        raise ModelFileError("cut short while being read", file=path)
    return held.data.toreadonly()


def header_sha256(path: str | Path) -> str:
    """SHA-256 of the header of a safetensors file that is known to be sound: its length and its JSON."""
    with Path(path).open("rb") as stream:
        length = stream.read(8)
        return hashlib.sha256(length + stream.read(int.from_bytes(length, "little"))).hexdigest()


def parse_json(text: str | bytes, path: str | Path) -> Any:
    """Strict JSON: no repeated keys, no NaN, UTF-8. Raises ModelFileError."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        return loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except ValueError as error:
        raise ModelFileError(f"damaged: its header is not valid JSON ({error})", file=path) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key is repeated")
    return made


def _constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON number")


def _header(head: bytes, size: int, path: str | Path) -> int:
    """Length of the header, or a ModelFileError that says what the file is instead."""
    if size == 0:
        raise ModelFileError("the model file is empty", file=path, expected=_WANTED)
    length = int.from_bytes(head[:8], "little")
    if head[8:9] == b"{" and 2 <= length <= _LONGEST_HEADER:
        if 8 + length > size:
            raise ModelFileError("cut short", file=path, found=f"a file of {size} bytes", expected=f"over {8 + length}")
        return length
    found = "something else"
    if head[:1] == b"\x80" and head[1:2] in b"\x02\x03\x04\x05":
        found = "a pickle, which Slugline never opens because it can run code"
    elif head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        found = "a ZIP archive (skops, PyTorch or NumPy)"
    elif _is_zlib(head) or head[:2] in (b"\x1f\x8b", b"BZ") or head[:6] == b"\xfd7zXZ\x00":
        found = "a compressed file (joblib?)"
    elif head[:6] == b"\x93NUMPY":
        found = "a NumPy array"
    elif size < 16:
        found = f"a file of {size} bytes"
    raise ModelFileError("not a model file", file=path, found=found, expected=_WANTED)


def _is_zlib(head: bytes) -> bool:
    if head[:1] != b"\x78":
        return False
    try:
        zlib.decompressobj().decompress(head)
    except zlib.error:
        return False
    return True


def _parse(header: bytes, path: str | Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The arrays' entries and the metadata of a header."""
    entries = parse_json(header, path)
    if not isinstance(entries, dict):
        raise ModelFileError("damaged: its header is not a JSON object", file=path)
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise ModelFileError("damaged: metadata is not strings", file=path, field="__metadata__")
    return entries, metadata


def _views(
    entries: dict[str, Any], content: mmap.mmap | memoryview, start: int, size: int, path: str | Path
) -> dict[str, NDArray[Any]]:
    """One array for each entry; together they must cover the rest of the file, without hole or overlap."""
    places: list[tuple[int, int, str]] = []
    arrays: dict[str, NDArray[Any]] = {}
    for name, entry in entries.items():
        dtype, shape, (begin, end) = _entry(entry, name, path)
        if start + end > size:
            raise ModelFileError(
                "cut short", file=path, field=name, found=f"a file of {size} bytes", expected=f"at least {start + end}"
            )
        places.append((begin, end, name))
        count = (end - begin) // dtype.itemsize
        # An empty array may lie at the very end, where frombuffer finds nothing to look at.
        flat = np.frombuffer(content, dtype, count, start + begin) if count else np.zeros(0, dtype)
        arrays[name] = flat.reshape(shape)
    reached = 0
    for begin, end, name in sorted(places):
        if begin != reached:
            raise ModelFileError("damaged: arrays overlap or leave holes", file=path, field=name)
        reached = end
    if start + reached != size:
        raise ModelFileError(
            "damaged: bytes after the last array", file=path, found=f"{size} bytes", expected=f"{start + reached}"
        )
    return arrays


def _entry(entry: Any, name: str, path: str | Path) -> tuple[np.dtype[Any], tuple[int, ...], tuple[int, int]]:
    """Dtype, shape and offsets of one entry, checked against each other."""
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise ModelFileError("damaged: not an array's entry", file=path, field=name, found=entry)
    if not isinstance(entry["dtype"], str) or entry["dtype"] not in _DTYPES:
        raise ModelFileError(
            "unknown dtype", file=path, field=name, found=entry["dtype"], expected=f"one of {', '.join(_DTYPES)}"
        )
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    shape, offsets = entry["shape"], entry["data_offsets"]
    if not (_whole_numbers(shape) and _whole_numbers(offsets) and len(offsets) == 2 and len(shape) <= 2):
        raise ModelFileError("damaged: shape or offsets", file=path, field=name, found=[shape, offsets])
    count = 1
    for length in shape:
        count *= length
    if offsets[1] - offsets[0] != count * dtype.itemsize:
        raise ModelFileError("damaged: shape and offsets disagree", file=path, field=name, found=[shape, offsets])
    return dtype, tuple(shape), (offsets[0], offsets[1])


def _whole_numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(item) is int and 0 <= item < 2**40 for item in value)
