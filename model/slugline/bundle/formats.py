"""One reader for each format of the model file: a manifest and arrays are checked against each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from slugline.bundle.content import HEADS, LATER, Bundle, Manifest
from slugline.bundle.sections import Section, read_section
from slugline.errors import ModelFileError
from slugline.features.vocabulary import Vocabulary
from slugline.head import HEAD_ARRAYS, WEIGHT_DTYPES, LinearHead

if TYPE_CHECKING:
    from numpy.typing import NDArray

Arrays = dict[str, "NDArray[Any]"]
_Dtypes = Mapping[str, tuple[type[np.generic], ...]]

OPTIONAL: Mapping[str, tuple[type, float]] = {
    "fallback_from": (float, 1),
    "rank": (int, 10**6),
    "power": (float, 10**6),
}
"""Numbers of a head that a file may leave out, which then are 0, with their type and the highest that they may be."""

_OFFSETS = (np.uint32, np.int64)
_SHARED: _Dtypes = {"vocabulary.blob": (np.uint8,), "vocabulary.offsets": _OFFSETS, "idf": (np.float32,)}
_HEAD: _Dtypes = {
    **dict.fromkeys(HEAD_ARRAYS, (np.float64,)),
    "indptr": _OFFSETS,
    "indices": (np.uint8, np.uint16, np.int32),
    "weights": WEIGHT_DTYPES,
    "scale": (np.float32,),
}
_SHARED_1: _Dtypes = {"vocabulary.blob": (np.uint8,), "vocabulary.offsets": (np.int64,), "idf": (np.float64,)}
_HEAD_1: _Dtypes = {
    **{key: (np.float64,) for key in HEAD_ARRAYS if key != "scale"},
    "indptr": (np.int64,),
    "indices": (np.int32,),
    "weights": (np.float32,),
}


def read_format_1(content: dict[str, Any], arrays: Arrays, digest: str, path: Path) -> Bundle:
    """Check a manifest and arrays of format 1 against each other: one view, weights in float32."""
    content = {**content, "sections": {}, "config": _views_of_format_1(content.get("config"))}
    heads = _check_manifest(content, HEADS[:2], path)
    _check_arrays(arrays, _SHARED_1, _HEAD_1, heads, path)
    arrays = dict(arrays)
    for name in heads:
        arrays[f"{name}.scale"] = np.ones(len(arrays[f"{name}.intercept"]), np.float32)
    return _bundle(content, arrays, digest, path)


def read_format_2(content: dict[str, Any], arrays: Arrays, digest: str, path: Path) -> Bundle:
    """Check a manifest and arrays of format 2 against each other."""
    heads = _check_manifest(content, HEADS, path)
    if "event_group" in heads and "event_type" not in heads:
        raise ModelFileError("damaged: event groups without event types", file=path, field="heads")
    if taken := sorted({*HEADS, "vocabulary", "idf"} & set(content["sections"])):
        raise ModelFileError("damaged: a section has the name of something else", file=path, field=taken[0])
    own = {name for name in arrays if name.split(".")[0] in content["sections"]}
    _check_arrays({name: array for name, array in arrays.items() if name not in own}, _SHARED, _HEAD, heads, path)
    return _bundle(content, arrays, digest, path)


READERS: dict[int, Callable[[dict[str, Any], Arrays, str, Path], Bundle]] = {1: read_format_1, 2: read_format_2}
"""One reader for each format number ever released: old files stay readable."""


def stored(name: str, array: NDArray[Any]) -> NDArray[Any]:
    """The array `name` in the dtype in which format 2 keeps it."""
    key = name.rpartition(".")[2]
    if name == "vocabulary.offsets" or (key == "indptr" and name.partition(".")[0] in HEADS):
        return array.astype(np.uint32 if not len(array) or array[-1] < 2**32 else np.int64, copy=False)
    return array.astype(np.float32, copy=False) if name == "idf" else array


def _views_of_format_1(config: Any) -> Any:
    """A configuration whose features were those of one view, as of now."""
    if not isinstance(config, dict) or not isinstance(config.get("features"), dict):
        return config
    return {**config, "features": {"views": [{"name": "words", **config["features"]}]}}


def _check_manifest(content: dict[str, Any], known: tuple[str, ...], path: Path) -> list[str]:
    """Names of the heads of a manifest whose fields have the right types."""
    kinds: dict[str, type] = {"config": dict, "corpus": dict, "metrics": dict, "slugline": str, "sections": dict}
    kinds |= {"groups": dict, "libraries": dict, "arrays": dict, "self_test": list, "heads": dict}
    kinds |= {key: kind for key, kind in (("edits", list), ("findings", dict)) if key in content}
    for key, kind in kinds.items():
        if not isinstance(content.get(key), kind):
            raise ModelFileError("damaged: manifest", file=path, field=key, found=content.get(key))
    for key in ("groups", "libraries", "arrays"):
        if not all(isinstance(value, str) for value in content[key].values()):
            raise ModelFileError("damaged: manifest holds more than strings", file=path, field=key)
    for key in ("config", "metrics"):
        for name, value in content[key].items():
            if not isinstance(value, dict):
                raise ModelFileError("damaged: manifest", file=path, field=f"{key}.{name}", found=value)
    _check_corpus(content["corpus"], path)
    heads = content["heads"]
    if not heads or not set(heads) <= set(known):
        raise ModelFileError("damaged: manifest", file=path, field="heads", found=sorted(heads), expected=str(known))
    return list(heads)


def _check_corpus(about: dict[str, Any], path: Path) -> None:
    """What every command may ask of the corpus; who reads more of it uses `reading_about`."""
    sources = about.get("sources", [])
    if not isinstance(sources, list) or not all(
        isinstance(one, dict) and {"name", "digest"} <= one.keys() for one in sources
    ):
        raise ModelFileError("damaged: manifest", file=path, field="corpus.sources", found=sources)
    for place, one in (("corpus", about), *(("corpus.sources", one) for one in sources)):
        for key in ("name", "digest"):
            if not isinstance(one.get(key, ""), str):
                raise ModelFileError("damaged: manifest", file=path, field=f"{place}.{key}", found=one[key])


def _check_arrays(arrays: Arrays, shared: _Dtypes, own: _Dtypes, heads: list[str], path: Path) -> None:
    """Names, dtypes and dimensions."""
    types = {**shared, **{f"{head}.{key}": dtypes for head in heads for key, dtypes in own.items()}}
    for name in sorted(set(types) ^ set(arrays)):
        what = "an array is missing" if name in types else "an unknown array"
        raise ModelFileError(f"damaged: {what}", file=path, field=name)
    for name, dtypes in types.items():
        if arrays[name].dtype not in dtypes or arrays[name].ndim != 1:
            found = f"{arrays[name].dtype} {arrays[name].shape}"
            expected = f"{' or '.join(np.dtype(dtype).name for dtype in dtypes)} (n,)"
            raise ModelFileError("wrong dtype or shape", file=path, field=name, found=found, expected=expected)


def _bundle(content: dict[str, Any], arrays: Arrays, digest: str, path: Path) -> Bundle:
    """The model of a manifest and arrays of the right types, after the rest of the checks."""
    _check_offsets(arrays["vocabulary.offsets"], len(arrays["vocabulary.blob"]), "vocabulary.offsets", path)
    vocabulary = Vocabulary(arrays["vocabulary.blob"], arrays["vocabulary.offsets"])
    idf = arrays["idf"]
    if idf.shape != (len(vocabulary),) or not (np.isfinite(idf).all() and (idf > 0).all()):
        raise ModelFileError("damaged: not one positive number for each term", file=path, field="idf")
    heads = {name: _head(name, about, arrays, len(vocabulary), path) for name, about in content["heads"].items()}
    sections = {
        name: read_section(name, about, _within(arrays, name), heads, path)
        for name, about in sorted(content["sections"].items())
    }
    _check_self_test(content["self_test"], heads, sections, path)
    known = [item.name for item in fields(Manifest) if item.name in content or item.name not in LATER]
    manifest = Manifest(**{name: content[name] for name in known})
    bundle = Bundle(manifest, vocabulary, idf, **heads, sections=sections, digest=digest, path=path, mapped=None)
    _ = bundle.features  # raises where the configuration is not valid
    if manifest.edits:
        bundle.tag_vocabulary()
        bundle.event_vocabulary()
    return bundle


def _within(arrays: Arrays, name: str) -> Arrays:
    return {key.partition(".")[2]: array for key, array in arrays.items() if key.partition(".")[0] == name}


def _check_offsets(offsets: NDArray[Any], end: int, name: str, path: Path) -> None:
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != end or (offsets[1:] < offsets[:-1]).any():
        raise ModelFileError("damaged: offsets do not ascend from 0 to the end", file=path, field=name)


def _head(name: str, about: Any, arrays: Arrays, terms: int, path: Path) -> LinearHead:
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
    numbers = {key: about.get(key, 0) for key in OPTIONAL}
    for key, (kind, most) in OPTIONAL.items():
        if type(numbers[key]) not in (int, kind) or not 0 <= numbers[key] <= most:
            raise ModelFileError("out of range", file=path, field=f"heads.{name}.{key}", expected=f"0 to {most}")
    _check_offsets(own["indptr"], len(own["indices"]), f"{name}.indptr", path)
    sizes = {"indptr": terms + 1, "weights": len(own["indices"])}
    for key in HEAD_ARRAYS:
        expected = sizes.get(key, len(own["indices"]) if key == "indices" else len(labels))
        if len(own[key]) != expected:
            raise ModelFileError(
                "wrong shape", file=path, field=f"{name}.{key}", found=own[key].shape, expected=f"({expected},)"
            )
    for key in ("intercept", "slope", "offset", "thresholds", "scale"):
        sound = np.isfinite(own[key]) | (np.isposinf(own[key]) if key == "thresholds" else False)
        if not sound.all():
            raise ModelFileError("damaged: a value is not a finite number", file=path, field=f"{name}.{key}")
    return LinearHead(
        tuple(labels),
        **own,
        rule=about["rule"],
        fallback=about["fallback"],
        abstain_below=float(about["abstain_below"]),
        fallback_from=float(numbers["fallback_from"]),
        rank=int(numbers["rank"]),
        power=float(numbers["power"]),
    )


def _check_self_test(cases: list[Any], heads: dict[str, LinearHead], sections: dict[str, Section], path: Path) -> None:
    labels = {name: set(head.labels) for name, head in heads.items()}
    for section in sections.values():
        labels.setdefault("tags", set()).update(section.labels)
    labels.get("event_type", set()).update(labels.get("event_group", ()))
    for case in cases:
        sound = (
            isinstance(case, dict)
            and isinstance(case.get("title"), str)
            and isinstance(case.get("body"), str)
            and isinstance(case.get("scores"), dict)
            and all(
                name in labels
                and isinstance(scores, dict)
                and set(scores) <= labels[name]
                and all(type(score) in (int, float) for score in scores.values())
                for name, scores in case["scores"].items()
            )
        )
        if not sound:
            raise ModelFileError("damaged: manifest", file=path, field="self_test", found=case)
