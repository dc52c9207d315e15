"""Writing a model file again with another manifest: its arrays stay as they are, byte by byte."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from slugline.bundle.file import read_bundle
from slugline.errors import ModelFileError
from slugline.files import atomic_path
from slugline.tensors import parse_json

_ALIGNED = 8  # bytes to which the safetensors library fills a header up


def rewrite_manifest(
    model: str | Path,
    out: str | Path,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    digest: str,
    held: bool = False,
) -> str:
    """Write the file `model`, which has this `digest`, to `out` with the manifest that `change` makes of its own.

    Returns the new digest. `out` may be `model` itself: it is replaced when the new file is complete; `held` is as in
    `atomic_path`. Raises ModelFileError where the file has changed since, or would not be sound with that manifest,
    OutputError where it cannot be written.
    """
    model = Path(model)
    with model.open("rb") as stream:
        length = stream.read(8)
        header = stream.read(int.from_bytes(length, "little"))
        if f"sha256:{hashlib.sha256(length + header).hexdigest()}" != digest:
            raise ModelFileError("changed while it was in use", file=model)
        entries = parse_json(header, model)
        manifest = change(parse_json(entries["__metadata__"]["slugline"], model))
        text = json.dumps(manifest, sort_keys=True, allow_nan=False, separators=(",", ":"))
        entries["__metadata__"]["slugline"] = text
        made = json.dumps(entries, ensure_ascii=False, separators=(",", ":")).encode()
        made += b" " * (-len(made) % _ALIGNED)
        with atomic_path(out, held=held) as temporary:
            with temporary.open("wb") as target:
                target.write(len(made).to_bytes(8, "little") + made)
                shutil.copyfileobj(stream, target)
            # Whatever is wrong with the manifest is found before the file has its name.
            try:
                return read_bundle(temporary).digest
            except ModelFileError as error:
                error.file = str(out)
                raise
