"""The model file: one safetensors file with every array and a JSON manifest, written atomically and read by mapping.

docs/model-file.md describes it field by field.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline import __version__
from slugline.config import Config, FeatureConfig
from slugline.errors import ConfigError, ModelFileError, OutputError
from slugline.features.vocabulary import Vocabulary
from slugline.files import atomic_path
from slugline.head import HEAD_ARRAYS, LinearHead
from slugline.tensors import header_sha256, parse_json, read_tensors

if TYPE_CHECKING:
    from numpy.typing import NDArray

FORMAT = 1
"""The format number that this version writes."""

HEADS = ("tags", "event_type")
_VERIFIED = 1 << 18  # bytes of an array up to which its SHA-256 is compared on opening: a fraction of a millisecond
_SHARED_ARRAYS = {"vocabulary.blob": np.uint8, "vocabulary.offsets": np.int64, "idf": np.float64}


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a model file says of itself. Every value is plain JSON.

    `config` is `Config.to_dict()`. `corpus` holds name, digest, articles, train, held_out, split method and digest,
    dates and licence, where known. `groups` gives event-type labels their taxonomy group (a label that is a group
    itself has its own name). `metrics` is what evaluate found, head by head. `self_test` is a list of
    `{"title", "body", "scores": {head: {label: score}}}`. `libraries` are the versions of what trained it. `slugline`,
    `format` and `arrays` (each array's SHA-256) are filled in when the file is written.
    """

    config: dict[str, Any]
    corpus: dict[str, Any] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    self_test: list[dict[str, Any]] = field(default_factory=list)
    libraries: dict[str, str] = field(default_factory=dict)
    slugline: str = ""
    format: int = FORMAT
    arrays: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A whole model. `idf` is float64 (d,). `digest` and `path` are empty unless it was read from a file.

    `digest` is "sha256:" and the SHA-256 of the file's header, which holds every array's SHA-256: it names the whole
    content, and opening need not read it all.
    """

    manifest: Manifest
    vocabulary: Vocabulary
    idf: NDArray[np.float64]
    tags: LinearHead | None = None
    event_type: LinearHead | None = None
    digest: str = ""
    path: Path | None = None

    @property
    def features(self) -> FeatureConfig:
        """How articles become terms. Raises ModelFileError where the manifest's configuration is not valid."""
        try:
            return Config.from_dict({"features": self.manifest.config.get("features", {})}).features
        except ConfigError as error:
            raise ModelFileError(f"damaged: configuration: {error}", file=self.path) from error

    @property
    def heads(self) -> dict[str, LinearHead]:
        """The heads that there are, "tags" before "event_type"."""
        found = {"tags": self.tags, "event_type": self.event_type}
        return {name: head for name, head in found.items() if head is not None}

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Every array under its name in the file."""
        arrays: dict[str, NDArray[Any]] = {
            "vocabulary.blob": self.vocabulary.blob,
            "vocabulary.offsets": self.vocabulary.offsets,
            "idf": self.idf,
        }
        for name, head in self.heads.items():
            arrays |= {f"{name}.{key}": getattr(head, key) for key in HEAD_ARRAYS}
        return arrays

    def verify(self, largest: int | None = None) -> None:
        """Read every array (of at most `largest` bytes) and compare its SHA-256 with the manifest's.

        Raises ModelFileError where one differs.
        """
        for name, array in self.arrays().items():
            if largest is not None and array.nbytes > largest:
                continue
            found, expected = _sha256(array), self.manifest.arrays.get(name)
            if found != expected:
                raise ModelFileError("damaged: SHA-256 differs", file=self.path, field=name, found=found)


def write_bundle(path: str | Path, bundle: Bundle) -> str:
    """Write `bundle` to `path`, whole or not at all, and return its digest. The same content gives the same bytes.

    Raises ModelFileError where the bundle is not sound, OutputError where it cannot be written.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    types = _array_types(list(bundle.heads))
    arrays = {name: np.ascontiguousarray(array, types[name]) for name, array in bundle.arrays().items()}
    manifest = replace(
        bundle.manifest,
        format=FORMAT,
        slugline=__version__,
        arrays={name: _sha256(array) for name, array in arrays.items()},
    )
    content: dict[str, Any] = {item.name: getattr(manifest, item.name) for item in fields(manifest)}
    content["heads"] = {
        name: {key: getattr(head, key) for key in ("labels", "rule", "fallback", "abstain_below")}
        for name, head in bundle.heads.items()
    }
    try:
        text = json.dumps(content, sort_keys=True, allow_nan=False, separators=(",", ":"))
    except (ValueError, TypeError) as error:
        raise ModelFileError(f"the manifest is not JSON: {error}", file=path) from error
    _read_format_1(json.loads(text), arrays, "", Path(path))
    with atomic_path(path) as temporary:
        try:
            save_file(arrays, str(temporary), metadata={"slugline": text})
        except SafetensorError as error:
            # A full disk comes as this, not as OSError.
            raise OutputError(f"cannot write ({error})", file=path) from error
        return f"sha256:{header_sha256(temporary)}"


def read_bundle(path: str | Path) -> Bundle:
    """Open a model file: its header is read and checked, its arrays are mapped and read when they are used.

    The SHA-256 of small arrays is compared here, that of large ones by `Bundle.verify`; indices and weights are checked
    where they are used. Nothing in a file can run. Raises ModelFileError, one line, for any file that is not a sound
    model of a known format.
    """
    path = Path(path)
    tensors = read_tensors(path, "slugline")
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
    bundle.verify(_VERIFIED)
    return bundle


def _read_format_1(content: dict[str, Any], arrays: dict[str, NDArray[Any]], digest: str, path: Path) -> Bundle:
    """Check a manifest and arrays of format 1 against each other."""
    kinds: dict[str, type] = {"config": dict, "corpus": dict, "metrics": dict, "slugline": str}
    kinds |= {"groups": dict, "libraries": dict, "arrays": dict, "self_test": list, "heads": dict}
    for key, kind in kinds.items():
        if not isinstance(content.get(key), kind):
            raise ModelFileError("damaged: manifest", file=path, field=key, found=content.get(key))
    for key in ("groups", "libraries", "arrays"):
        if not all(isinstance(value, str) for value in content[key].values()):
            raise ModelFileError("damaged: manifest holds more than strings", file=path, field=key)
    heads = content["heads"]
    if not heads or not set(heads) <= set(HEADS):
        raise ModelFileError("damaged: manifest", file=path, field="heads", found=sorted(heads), expected=str(HEADS))
    _check_arrays(arrays, list(heads), path)
    vocabulary = _vocabulary(arrays, path)
    idf = arrays["idf"]
    if idf.shape != (len(vocabulary),) or not (np.isfinite(idf).all() and (idf > 0).all()):
        raise ModelFileError("damaged: not one positive number for each term", file=path, field="idf")
    made = {name: _head(name, heads[name], arrays, len(vocabulary), path) for name in heads}
    _check_self_test(content["self_test"], made, path)
    manifest = Manifest(**{item.name: content[item.name] for item in fields(Manifest)})
    bundle = Bundle(manifest, vocabulary, idf, made.get("tags"), made.get("event_type"), digest, path)
    _ = bundle.features  # raises where the configuration is not valid
    return bundle


READERS: dict[int, Callable[[dict[str, Any], dict[str, NDArray[Any]], str, Path], Bundle]] = {1: _read_format_1}
"""One reader for each format number ever released: old files stay readable."""


def _array_types(heads: list[str]) -> dict[str, Any]:
    return _SHARED_ARRAYS | {f"{head}.{key}": dtype for head in heads for key, dtype in HEAD_ARRAYS.items()}


def _check_arrays(arrays: dict[str, NDArray[Any]], heads: list[str], path: Path) -> None:
    """Names, dtypes and dimensions."""
    types = _array_types(heads)
    for name in sorted(set(types) ^ set(arrays)):
        what = "an array is missing" if name in types else "an unknown array"
        raise ModelFileError(f"damaged: {what}", file=path, field=name)
    for name, dtype in types.items():
        if arrays[name].dtype != dtype or arrays[name].ndim != 1:
            found = f"{arrays[name].dtype} {arrays[name].shape}"
            raise ModelFileError(
                "wrong dtype or shape", file=path, field=name, found=found, expected=f"{np.dtype(dtype)} (n,)"
            )


def _vocabulary(arrays: dict[str, NDArray[Any]], path: Path) -> Vocabulary:
    _check_offsets(arrays["vocabulary.offsets"], len(arrays["vocabulary.blob"]), "vocabulary.offsets", path)
    return Vocabulary(arrays["vocabulary.blob"], arrays["vocabulary.offsets"])


def _check_offsets(offsets: NDArray[np.int64], end: int, name: str, path: Path) -> None:
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != end or (offsets[1:] < offsets[:-1]).any():
        raise ModelFileError("damaged: offsets do not ascend from 0 to the end", file=path, field=name)


def _head(name: str, about: Any, arrays: dict[str, NDArray[Any]], terms: int, path: Path) -> LinearHead:
    """One head, everything checked but its indices and weights."""
    kinds: dict[str, Any] = {"labels": list, "rule": str, "fallback": bool, "abstain_below": (int, float)}
    if not isinstance(about, dict) or not all(isinstance(about.get(key), kind) for key, kind in kinds.items()):
        raise ModelFileError("damaged: manifest", file=path, field=f"heads.{name}", found=about)
    labels = about["labels"]
    if not labels or not all(isinstance(label, str) and label for label in labels) or len(set(labels)) != len(labels):
        raise ModelFileError("damaged: labels are not different names", file=path, field=f"heads.{name}.labels")
    if not 0 <= about["abstain_below"] <= 1:
        raise ModelFileError("out of range", file=path, field=f"heads.{name}.abstain_below", expected="0 to 1")
    own = {key: arrays[f"{name}.{key}"] for key in HEAD_ARRAYS}
    _check_offsets(own["indptr"], len(own["indices"]), f"{name}.indptr", path)
    sizes = {"indptr": terms + 1, "weights": len(own["indices"])}
    for key in HEAD_ARRAYS:
        expected = sizes.get(key, len(own["indices"]) if key == "indices" else len(labels))
        if len(own[key]) != expected:
            raise ModelFileError(
                "wrong shape", file=path, field=f"{name}.{key}", found=own[key].shape, expected=f"({expected},)"
            )
    for key in ("intercept", "slope", "offset", "thresholds"):
        sound = np.isfinite(own[key]) | (np.isposinf(own[key]) if key == "thresholds" else False)
        if not sound.all():
            raise ModelFileError("damaged: a value is not a finite number", file=path, field=f"{name}.{key}")
    return LinearHead(
        tuple(labels),
        **own,
        rule=about["rule"],
        fallback=about["fallback"],
        abstain_below=float(about["abstain_below"]),
    )


def _check_self_test(cases: list[Any], heads: dict[str, LinearHead], path: Path) -> None:
    for case in cases:
        sound = (
            isinstance(case, dict)
            and isinstance(case.get("title"), str)
            and isinstance(case.get("body"), str)
            and isinstance(case.get("scores"), dict)
            and all(
                name in heads
                and isinstance(scores, dict)
                and set(scores) <= set(heads[name].labels)
                and all(type(score) in (int, float) for score in scores.values())
                for name, scores in case["scores"].items()
            )
        )
        if not sound:
            raise ModelFileError("damaged: manifest", file=path, field="self_test", found=case)


def _sha256(array: NDArray[Any]) -> str:
    return hashlib.sha256(np.ascontiguousarray(array).data).hexdigest()
