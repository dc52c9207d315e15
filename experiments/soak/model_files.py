"""Model files that somebody has tampered with: a clear error each time, or a model that passes its self-test and works.

    python experiments/soak/model_files.py [--count 50000] [--seed 0] [--jobs 2] [--minutes M]

Sound files of every kind (linear heads, two levels, names, titles, label tree, edits, format 1) are mutated: bytes, the
header, shapes, dtypes and offsets, the manifest, the arrays' values; most are signed again, so that the checks behind
the checksums are reached. Each is opened, tested, and used as every command uses a model, in a process whose memory and
time are limited. Anything but a `SluglineError` of one line is a breach: another exception, a crash of the process,
over a second of processor time, memory beyond twice the file and SPARE.

Prints a Markdown table. Exits with 1 on a breach, which `--only KIND:SEED` shows again with its traceback.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import functools
import gc
import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
SPARE = 48 << 20
"""Bytes of memory that using a model may take beside twice its file: what the libraries take on the first use."""
SECONDS = 1.0
"""Of processor time, for opening a file and using it."""
_BATCH = 500  # files to a process
_SIZES = {"U8": 1, "U16": 2, "U32": 4, "I8": 1, "I32": 4, "I64": 8, "F16": 2, "F32": 4, "F64": 8}
_NUMPY = {"U8": "<u1", "U16": "<u2", "U32": "<u4", "I8": "<i1", "I32": "<i4", "I64": "<i8"}
_NUMPY |= {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 255, 2**31, 2**32, 2**53, 2**63, 2**64, 10**30, -(10**30)),
    *(0.5, -0.0, 1e-320, 1e308, -1e308, 1e400),
    *("", " ", "a", "none", "tags", "\u202e", "\ud800", "\x00", "\x1b[31m", "=cmd|' /C calc'!A0", "x" * 5000, "Syria"),
    *([], {}, [[]], [None], [1, 2], ["a", "b"], {"": None}, {"a": {"b": []}}, {"value": "x"}, [{}] * 3),
)


class HangError(BaseException):
    """Time was up; no `except Exception` takes it for something else."""


# --- sound files ------------------------------------------------------------------------------------------------------


@functools.cache
def sound_files() -> dict[str, bytes]:
    """A sound model file of every kind, some of them trained."""
    sys.path.insert(0, str(ROOT / "tests"))
    from slugline.bundle import write_bundle
    from slugline.experiment.label_edits import edit_labels
    from slugline.self_test import with_self_test
    from slugline.vocabulary_edits import Edit
    from small_model import named_bundle, small_bundle, two_levels

    found = {"format-1": (ROOT / "tests" / "files" / "format-1.safetensors").read_bytes()}
    with tempfile.TemporaryDirectory() as made:
        path = Path(made) / "model.safetensors"
        for name, bundle in (("linear", small_bundle()), ("levels", two_levels()), ("names", named_bundle())):
            write_bundle(path, with_self_test(bundle))
            found[name] = path.read_bytes()
        edits = [
            Edit("rename", "Syria", "Syrian war"),
            Edit("merge", "France", "Economy"),
            Edit("retire", "Weather", None),
        ]
        edit_labels(path, edits, out=path, who="anna")
        found["edited"] = path.read_bytes()
        for name in ("trained", "tree"):
            found[name] = _trained(Path(made), name)
    return found


def _trained(folder: Path, kind: str) -> bytes:
    from slugline.config import Config, replace
    from slugline.experiment.train import train_model
    from stream_corpus import rows

    corpus, out = folder / "corpus.jsonl", folder / f"{kind}.safetensors"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows(160)), encoding="utf-8")
    config = replace(replace(Config(), "corpus", name=str(corpus)), "evaluate", bootstrap=10)
    if kind == "tree":
        config = replace(replace(config, "tags", estimator="tree"), "tree", leaf=2, branch=2, trees=2)
    else:
        config = replace(replace(config, "learn", keep_titles=True), "names", enabled="always")
    train_model(config, out, track=False)
    return out.read_bytes()


# --- mutations --------------------------------------------------------------------------------------------------------


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


# --- judging ----------------------------------------------------------------------------------------------------------


def use(path: Path) -> None:
    """Open a model file, and do with it what the commands do. Raises SluglineError where it is not sound."""
    from slugline.experiment.card import model_card
    from slugline.experiment.label_edits import label_rows
    from slugline.picks import pick
    from slugline.predict import Predictor
    from slugline.serve.labels import Labels
    from small_model import ARTICLES, UNKNOWN

    predictor = Predictor.load(path)
    predictor.bundle.verify()
    articles = [*ARTICLES, UNKNOWN]
    for lines in predictor.predict_lines(articles, top=3):
        for line in lines.split("\n")[:-1]:
            json.loads(line)
    for explanation in predictor.explain_stream(articles, tags=predictor.labels()[:1]):
        json.dumps(explanation.to_dict(), allow_nan=False)
    model_card(predictor.bundle, name="mutated")
    Labels(predictor)
    pick(predictor, articles, 2)
    for head in ("tags", "event_type"):
        label_rows(predictor.bundle, head)


def verdict(path: Path) -> str:
    """What became of it: opened, refused, or what went wrong."""
    from slugline.errors import SluglineError

    size = path.stat().st_size
    within = _virtual_memory() + 2 * size + SPARE
    resource.setrlimit(resource.RLIMIT_AS, (within, resource.RLIM_INFINITY))
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with np.errstate(all="ignore"):
            use(path)
    except SluglineError as error:
        line = str(error)
        if len(line) > 600 or not line.isprintable():
            return f"an error that is no line to show: {line[:200]!r}"
        return "refused"
    except HangError:
        return f"over {SECONDS:.0f} s\n{traceback.format_exc(limit=-4)}"
    except MemoryError:
        return f"memory beyond {2 * size + SPARE:,} bytes\n{traceback.format_exc(limit=-4)}"
    except Exception as error:
        return f"{type(error).__name__}\n{traceback.format_exc(limit=-6)}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return "opened"


def _virtual_memory() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    return pages * resource.getpagesize()


def _hang(_number: int, _frame: object) -> None:
    raise HangError


def worker(folder: Path, kind: str, seeds: range) -> None:
    """Judge the mutations of one kind of file; the seed at work is kept in a file, for who finds this process dead."""
    signal.signal(signal.SIGPROF, _hang)
    raw = (folder / f"{kind}.sound").read_bytes()
    (folder / f"{kind}.own").write_bytes(raw)
    use(folder / f"{kind}.own")  # what is imported on the first use counts for nobody
    gc.freeze()
    found: collections.Counter[str] = collections.Counter()
    breaches: list[tuple[int, str]] = []
    for seed in seeds:
        path = folder / f"{kind}-{os.getpid()}.safetensors"
        path.unlink(missing_ok=True)  # one before may still be mapped
        (folder / f"{kind}-{seeds.start}.at").write_text(str(seed), encoding="ascii")
        path.write_bytes(mutated(raw, random.Random(f"{kind}:{seed}")))
        said = verdict(path)
        found[said if said in ("opened", "refused") else "breach"] += 1
        if said not in ("opened", "refused"):
            breaches.append((seed, said))
        path.unlink(missing_ok=True)
    print(json.dumps({"kind": kind, "found": found, "breaches": breaches}))


def main() -> None:
    """Mutate, judge, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=50_000, help="mutations in all (default: 50,000)")
    parser.add_argument("--seed", type=int, default=0, help="of the first mutation")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long (default: 60)")
    parser.add_argument("--only", metavar="KIND:SEED", help="one mutation, with its traceback")
    parser.add_argument("--worker", nargs=4, metavar=("FOLDER", "KIND", "FROM", "TO"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.path.insert(0, str(ROOT / "tests"))
    if asked.worker:
        folder, kind, first, end = asked.worker
        worker(Path(folder), kind, range(int(first), int(end)))
        return
    if asked.only:
        kind, _, seed = asked.only.partition(":")
        with tempfile.TemporaryDirectory() as made:
            path = Path(made) / "mutated.safetensors"
            path.write_bytes(mutated(sound_files()[kind], random.Random(f"{kind}:{seed}")))
            use(path)
        print("opened, and works")
        return
    raise SystemExit(run(asked.count, asked.seed, asked.jobs, time.monotonic() + 60 * asked.minutes))


def run(count: int, seed: int, jobs: int, end: float) -> int:
    """Judge so many mutations, print the table, and return the exit code."""
    with tempfile.TemporaryDirectory() as made:
        folder, kinds = Path(made), sound_files()
        for kind, raw in kinds.items():
            (folder / f"{kind}.sound").write_bytes(raw)
        each = -(-count // len(kinds))
        batches = [
            (kind, range(start, min(start + _BATCH, seed + each)))
            for start in range(seed, seed + each, _BATCH)
            for kind in kinds
        ]
        totals = {kind: collections.Counter[str]() for kind in kinds}
        breaches: list[tuple[str, int, str]] = []
        running: list[tuple[str, range, subprocess.Popen[str]]] = []
        while batches or running:
            while batches and len(running) < jobs and time.monotonic() < end:
                kind, seeds = batches.pop(0)
                command = [sys.executable, __file__, "--worker", str(folder), kind, str(seeds.start), str(seeds.stop)]
                running.append((kind, seeds, subprocess.Popen(command, stdout=subprocess.PIPE, text=True)))
            if not running:
                break
            kind, seeds, process = running.pop(0)
            said, _ = process.communicate()
            if process.returncode:
                place = folder / f"{kind}-{seeds.start}.at"
                if not place.exists():
                    raise SystemExit(f"{kind}: the process ended with {process.returncode} before its first mutation")
                at = int(place.read_text(encoding="ascii"))
                totals[kind] += collections.Counter({"breach": 1, "died": 1})
                breaches.append((kind, at, f"the process ended with {process.returncode}"))
                if at + 1 < seeds.stop:
                    batches.insert(0, (kind, range(at + 1, seeds.stop)))
                continue
            own = json.loads(said)
            totals[kind] += collections.Counter(own["found"])
            breaches += [(kind, *one) for one in own["breaches"]]
    print("| kind of file | bytes | mutations | refused | opened and sound | breaches |\n|---|---|---|---|---|---|")
    for kind, own in totals.items():
        done = own["refused"] + own["opened"] + own["breach"]
        numbers = (len(kinds[kind]), done, own["refused"], own["opened"], own["breach"])
        print(f"| {kind} | {' | '.join(f'{number:,}' for number in numbers)} |")
    for kind, at, what in breaches[:20]:
        print(f"\n{kind}:{at}: {what}")
    return 1 if breaches else 0


if __name__ == "__main__":
    main()
