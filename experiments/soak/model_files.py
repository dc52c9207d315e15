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
import functools
import gc
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
from pathlib import Path

import numpy as np
from _tampering import mutated

ROOT = Path(__file__).resolve().parents[2]
SPARE = 48 << 20
"""Bytes of memory that using a model may take beside twice its file: what the libraries take on the first use."""
SECONDS = 1.0
"""Of processor time, for opening a file and using it."""
_BATCH = 500  # files to a process


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
