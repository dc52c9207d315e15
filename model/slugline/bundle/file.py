"""Writing a model file, whole or not at all, and opening one."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from slugline import __version__
from slugline.bundle.content import FORMAT, LATER, Bundle, check_sha256, sha256
from slugline.bundle.formats import OPTIONAL, READERS, read_format_2, stored
from slugline.errors import ModelFileError
from slugline.tensors import header_sha256, parse_json, read_tensors

_VERIFIED = 1 << 18  # bytes of an array up to which its SHA-256 is compared on opening: a fraction of a millisecond


def write_bundle(path: str | Path, bundle: Bundle) -> str:
    """Write `bundle` to `path`, whole or not at all, and return its digest. The same content gives the same bytes.

    Raises ModelFileError where the bundle is not sound, OutputError where it cannot be written.
    """
    # Here, for who only reads a model needs none of them.
    from safetensors.numpy import save

    from slugline.files import atomic_path

    arrays = {name: np.ascontiguousarray(stored(name, array)) for name, array in bundle.arrays().items()}
    manifest = replace(
        bundle.manifest,
        format=FORMAT,
        slugline=__version__,
        arrays={name: sha256(array) for name, array in arrays.items()},
    )
    content: dict[str, Any] = {item.name: getattr(manifest, item.name) for item in fields(manifest)}
    content = {name: value for name, value in content.items() if value or name not in LATER}
    content["heads"] = {
        name: {key: getattr(head, key) for key in ("labels", "rule", "fallback", "abstain_below", *OPTIONAL)}
        for name, head in bundle.heads.items()
    }
    content["sections"] = {name: section.describe() for name, section in bundle.sections.items()}
    try:
        text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        raise ModelFileError(f"the manifest is not JSON: {error}", file=path) from error
    read_format_2(json.loads(text), arrays, "", Path(path))
    with atomic_path(path) as temporary:
        # Not by `save_file`, which puts another file in the place of this one: that would be locked by nobody.
        temporary.write_bytes(save(arrays, metadata={"slugline": text}))
        return f"sha256:{header_sha256(temporary)}"


def read_bundle(path: str | Path, *, copy: bool = False) -> Bundle:
    """Open a model file: its header is read and checked, its arrays are mapped and read when they are used.

    The SHA-256 of small arrays is compared here, that of large ones by `Bundle.verify`; indices and weights are checked
    where they are used. With `copy` the whole file is read into memory, where nobody changes it, and every SHA-256 is
    compared: for what lives longer than one may expect a file to be left alone. Nothing in a file can run. Raises
    ModelFileError, one line, for any file that is not a sound model of a known format.
    """
    path = Path(path)
    tensors = read_tensors(path, "slugline", copy=copy)
    manifest = parse_json(tensors.metadata["slugline"], path)
    number = manifest.get("format") if isinstance(manifest, dict) else None
    if type(number) is not int or number < 1:
        raise ModelFileError("damaged: the manifest has no format number", file=path, found=number)
    if number not in READERS:
        raise ModelFileError(
            f"written by a newer Slugline (version {manifest.get('slugline')}); "
            "upgrade with: pip install --upgrade slugline",
            file=path,
            found=f"a model of format {number}",
            expected=f"format {FORMAT} or older",
        )
    bundle = READERS[number](manifest, tensors.arrays, f"sha256:{tensors.sha256}", path)
    # The arrays as they are in the file: a section would have to pack its own again.
    check_sha256(tensors.arrays, bundle.manifest, path, None if copy else _VERIFIED)
    return replace(bundle, mapped=tensors.mapped)
