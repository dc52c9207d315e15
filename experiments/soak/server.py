"""A server at saturation: everything at once, from more callers than it can serve, while its model is replaced.

    python experiments/soak/server.py [--minutes M] [--callers N]

Callers send single articles, batches, explanations, answers for the feedback log and the page's form as fast as they
are answered; others hold connections and send headers and bodies byte by byte, or never read what they asked for; and
one asks whether the server is alive. The model file is replaced by another and back, with SIGHUP, every few seconds,
and now and then by one that is damaged. At the end SIGTERM comes in the midst of it.

It must answer nothing but 200, 201 and 503, every answer by one of the two models; have in the feedback log every
answer that it said it kept, whole, once, and none that it refused; stay alive for who asks; end with 0; and its memory,
once warm, must not grow. Prints a Markdown table; exit code 1 where any of it is not so.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "experiments" / "benchmarks"))

from _server_callers import Soak  # noqa: E402
from http_load import in_threads, serving, slugline, starter  # noqa: E402

from slugline import feedback  # noqa: E402
from slugline.bundle import read_bundle, write_bundle  # noqa: E402
from slugline.self_test import with_self_test  # noqa: E402

WARM = 0.3
"""The share of the time after which memory is looked at: caches are filled, and threads have their heaps."""


def main() -> None:
    """Soak, and say what was seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--callers", type=int, default=40)
    parser.add_argument("--slow", type=int, default=24, help="callers that are slow on purpose")
    parser.add_argument("--growth", type=float, default=24.0, help="megabytes that memory may grow by, once warm")
    parser.add_argument("--model", type=Path, default=ROOT / "data" / "models" / "news-en.safetensors")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        raise SystemExit(soak(Path(name), given))


def soak(folder: Path, given: argparse.Namespace) -> int:
    """0 if all is as it must be."""
    model, log = folder / "model.safetensors", folder / "feedback.jsonl"
    others = other_models(given.model, folder)
    shutil.copy(given.model, model)
    digests = frozenset(read_bundle(path).digest for path in (given.model, others[0]))
    limits = ["--max-requests", "16", "--max-head", "3", "--max-wait", "2", "--max-seconds", "10"]
    command = slugline(model, "--feedback", str(log), *limits)
    with (folder / "log").open("wb") as stderr, serving(command, stderr=stderr) as server:
        run = Soak(server, starter(), digests)
        background = [
            threading.Thread(daemon=True, target=run.ask_whether_alive),
            threading.Thread(daemon=True, target=run.replace_model, args=(model, others, max(1.0, given.minutes / 2))),
        ]
        for thread in background:
            thread.start()
        ended = threading.Thread(daemon=True, target=end, args=(run, 60 * given.minutes, background))
        ended.start()
        callers: list[Callable[[], None]] = [partial(run.call, number) for number in range(given.callers)]
        in_threads(callers + [partial(run.be_slow, number) for number in range(given.slow)])
        ended.join()
        code = server.process.wait()
    if code:
        run.wrong.append(f"ended with {code}")
    check_log(run, log)
    said = (folder / "log").read_text(encoding="utf-8")
    run.wrong += [f"log: {line[:300]}" for line in said.splitlines() if "Traceback" in line or "Error <" in line]
    run.read_again, run.refused = said.count("was read again"), said.count("stays as it was")
    if not (run.read_again and run.refused):
        run.wrong.append("the model was not replaced, or no damaged one was refused")
    return report(run, given)


def other_models(first: Path, folder: Path) -> list[Path]:
    """The model with other thresholds, a file that is cut off, and the model itself."""
    bundle = read_bundle(first)
    second, damaged = folder / "second.safetensors", folder / "damaged.safetensors"
    assert bundle.tags is not None
    tags = dataclasses.replace(bundle.tags, thresholds=bundle.tags.thresholds + 0.1)
    write_bundle(second, with_self_test(dataclasses.replace(bundle, tags=tags)))
    damaged.write_bytes(first.read_bytes()[:-1000])
    return [second, damaged, first]


def end(run: Soak, seconds: float, background: list[threading.Thread]) -> None:
    """After some seconds compare figures with the callers', then end the server in the midst of its work."""
    time.sleep(seconds)
    run.ending.set()
    for thread in background:
        thread.join()
    run.server.process.send_signal(signal.SIGTERM)
    run.server.process.wait()
    run.stop.set()


def check_log(run: Soak, log: Path) -> None:
    """Every answer that the server said it kept is in the log, once, and whole; others only where nobody was told."""
    torn: list[Exception] = []
    found = Counter(answer.who for answer in feedback.read(log, on_torn=torn.append))
    if torn:
        run.wrong.append(f"the log has {len(torn)} torn lines")
    if missing := run.kept - set(found):
        run.wrong.append(f"{len(missing)} answers are not in the log")
    if strange := set(found) - run.kept - run.unsure:
        run.wrong.append(f"{len(strange)} answers are in the log that were refused")
    if twice := [who for who, count in found.items() if count > 1]:
        run.wrong.append(f"{len(twice)} answers are in the log twice")


def report(run: Soak, given: argparse.Namespace) -> int:
    """Print the table and what is wrong; 1 where anything is."""
    seconds, megabytes = (np.array(values) for values in zip(*run.memory, strict=True))
    warm = seconds >= WARM * seconds[-1]
    slope = 60 * np.polyfit(seconds[warm], megabytes[warm], 1)[0] if warm.sum() > 2 else float("nan")
    third = max(1, int(warm.sum()) // 3)
    growth = np.median(megabytes[warm][-third:]) - np.median(megabytes[warm][:third])
    if not growth <= given.growth:
        run.wrong.append(f"memory grew by {growth:.1f} MB, {slope:.2f} MB a minute")
    total: Counter[int] = sum(run.statuses.values(), Counter())
    times, alive = (1000 * np.array(values or [np.nan]) for values in (run.times, run.alive))
    rows = [
        ("minutes", f"{seconds[-1] / 60:.1f}"),
        *((f"answers {status}", f"{count:,}") for status, count in sorted(total.items())),
        ("answers of the feedback log", f"{len(run.kept):,}"),
        ("models read again, refused; that answered", f"{run.read_again}, {run.refused}; {len(run.models)}"),
        ("accepted, p50 / p99 / most ms", "{:.0f} / {:.0f} / {:.0f}".format(*np.quantile(times, (0.5, 0.99, 1)))),
        ("/healthz, p50 / p99 / most ms", "{:.0f} / {:.0f} / {:.0f}".format(*np.quantile(alive, (0.5, 0.99, 1)))),
        (
            "memory of its own, first / warm / last MB",
            f"{megabytes[0]:.0f} / {megabytes[warm][0]:.0f} / {megabytes[-1]:.0f}",
        ),
        ("growth once warm, MB; a minute", f"{growth:.1f}; {slope:.2f} (at most {given.growth:g} in all)"),
        ("wrong", f"{len(run.wrong)}"),
    ]
    print("| | |\n|---|---:|")
    for name, value in rows:
        print(f"| {name} | {value} |")
    for line in run.wrong[:10]:
        print(f"\nwrong: {line}")
    return 1 if run.wrong else 0


if __name__ == "__main__":
    main()
