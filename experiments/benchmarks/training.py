"""Training speed: solvers of linear SVMs on the same rows, and whole processes of Slugline and its peers, in turns.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/training.py [--only solvers|processes] [--rounds 3]

Solvers: Reuters-90 (ModApte), the 90 topics on the rows that `slugline train` makes, fitted on four fifths of the
training part, C 0.5. The gap is how far the sum of all labels' primal objectives is above the best one found; F1 is on
the last fifth, cut at 0. Times are CPU and wall seconds of the fit alone.

Processes: from raw JSONL to a model file, `slugline train --split none` with and without cross-validation, peers at the
settings that their documentation begins with, all with --threads threads. A round starts every process once, the first
is not counted, medians are shown; CPU seconds are the ones to trust on a shared machine. Environments are those of
experiments/benchmarks/peers.py (`peers.py --only NAME` makes one); a peer without one is skipped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from cold_start import CACHE, PEERS, Process, start
from numpy.typing import NDArray
from peers.environments import python_of, variables
from peers.runner import HERE, Bench
from peers.systems import SYSTEMS
from peers.tasks import TASKS, write_slugline_config
from scipy.sparse import csr_matrix

from slugline.config import load_config
from slugline.experiment.prepare import prepare
from slugline.learn.estimators import Problem, find_estimator
from slugline.learn.estimators import svm as svm_module
from slugline.learn.selection import micro_macro
from slugline.learn.solvers.labels import TrainingRows, blocks_of, fold_scores, solutions
from slugline.learn.tag_head import tag_labels
from slugline.learn.vectorize import fit_tfidf, head_rows

C = 0.5
FOLDS = 5
Weights = NDArray[np.float64]
CONFIG = HERE.parents[1] / "configs" / "reuters90.toml"


def problem() -> tuple[csr_matrix, NDArray[np.bool_]]:
    """The training part's rows and topics."""
    config = load_config(CONFIG)
    part = prepare(config).train
    fitted, X = fit_tfidf(part.articles, config.features)
    names = tag_labels(part.labels, 1)
    Y = np.array([[name in (one.tags or ()) for name in names] for one in part.labels])
    return csr_matrix(head_rows(X, fitted, "tags")), Y


def objective(W: Weights, X: csr_matrix, Y: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Of each label; W (d + 1, L) ends with the biases, which are regularised."""
    lack = np.maximum(1.0 - np.where(Y, 1.0, -1.0) * (X @ W[:-1] + W[-1]), 0.0)
    return np.asarray(0.5 * (W * W).sum(axis=0) + C * (lack * lack).sum(axis=0))


def ours(X: csr_matrix, Y: NDArray[np.bool_], tol: float, threads: int) -> Weights:
    """Slugline's blocks of sixteen labels."""
    svm_module.TOLERANCE = tol
    found = find_estimator("svm").fit(Problem(X, Y, C), threads)
    return np.vstack([found.coef.T, found.intercept])


def linear_svc(X: csr_matrix, Y: NDArray[np.bool_], tol: float, threads: int) -> Weights:  # noqa: ARG001
    """LIBLINEAR through scikit-learn, as Slugline 0.1 used it."""
    from sklearn.svm import LinearSVC

    W = np.zeros((X.shape[1] + 1, Y.shape[1]))
    for label, y in enumerate(Y.T):
        model = LinearSVC(C=C, tol=tol, max_iter=5000, random_state=0).fit(X, y)
        W[:-1, label], W[-1, label] = model.coef_[0], model.intercept_[0]
    return W


def newton(X: csr_matrix, Y: NDArray[np.bool_], tol: float, threads: int) -> Weights:  # noqa: ARG001
    """A vectorised solver over all tags: Newton steps by conjugate gradients (Lin, Weng and Keerthi 2008), in SciPy."""
    sign = np.where(Y, 1.0, -1.0)
    W = np.zeros((X.shape[1] + 1, Y.shape[1]))

    def gradient(W: Weights) -> tuple[Weights, NDArray[np.bool_]]:
        lack = 1.0 - sign * (X @ W[:-1] + W[-1])
        push = -2 * C * sign * np.maximum(lack, 0.0)
        return W + np.vstack([X.T @ push, push.sum(axis=0)]), lack > 0

    first = None
    for _ in range(50):
        slope, inside = gradient(W)
        size = np.sqrt((slope * slope).sum(axis=0))
        first = size if first is None else first
        if (size <= tol * first).all():
            break
        step, rest = np.zeros_like(W), -slope
        way, left = rest.copy(), (rest * rest).sum(axis=0)
        for _ in range(15):
            curved = 2 * C * inside * (X @ way[:-1] + way[-1])
            bent = way + np.vstack([X.T @ curved, curved.sum(axis=0)])
            long = left / np.maximum((way * bent).sum(axis=0), 1e-30)
            step += long * way
            rest -= long * bent
            new = (rest * rest).sum(axis=0)
            if (np.sqrt(new) <= 0.1 * size).all():
                break
            way, left = rest + new / np.maximum(left, 1e-30) * way, new
        now, share = objective(W, X, Y), np.ones(W.shape[1])
        for _ in range(10):
            worse = objective(W + share * step, X, Y) > now
            if not worse.any():
                break
            share[worse] /= 2
        W = W + share * step
    return W


def multicore(X: csr_matrix, Y: NDArray[np.bool_], tol: float, threads: int) -> tuple[Weights, float, float] | None:
    """Multi-core LIBLINEAR in LibMultiLabel's environment: weights, CPU and wall seconds; None where there is none."""
    python = python_of(CACHE / "environments", "libmultilabel")
    if not python.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, out = Path(folder) / "in.npz", Path(folder) / "out.npz"
        arrays = {"data": X.data, "indices": X.indices, "indptr": X.indptr, "shape": X.shape, "Y": Y}
        np.savez(given, **arrays, C=C, tol=tol, threads=threads)
        script = Path(__file__).resolve().parent / "solvers" / "with_multicore.py"
        subprocess.run([str(python), str(script), str(given), str(out)], check=True, capture_output=True)
        found = np.load(out)
        return found["W"], float(found["cpu"]), float(found["wall"])


SOLVERS: list[tuple[str, Callable[..., Any], tuple[float, ...], int]] = [
    ("LIBLINEAR (LinearSVC)", linear_svc, (0.1, 0.01), 1),
    ("multi-core LIBLINEAR, 2 threads", multicore, (0.1, 0.01), 2),
    ("Newton-CG over all tags (SciPy)", newton, (0.03, 0.003), 1),
    ("ours, 16 labels at once", ours, (1.0, 0.1, 0.01), 1),
    ("ours, 16 labels at once, 2 threads", ours, (0.1, 0.01), 2),
]


def solvers(rounds: int) -> None:
    """The table of solvers."""
    X, Y = problem()
    inside = np.arange(X.shape[0]) % FOLDS != 0
    # A topic that only the last fifth has is nobody's problem.
    Y = Y[:, Y[inside].any(axis=0)]
    train, truth = csr_matrix(X[inside]), Y[inside]
    best = objective(ours(train, truth, 1e-4, 1), train, truth)
    print("| solver | tolerance | CPU s | wall s | gap | micro / macro F1 at 0 |\n|---|---|---|---|---|---|")
    for name, solve, tolerances, threads in SOLVERS:
        for tol in tolerances:
            cpu, wall, W = [], [], None
            for _ in range(rounds):
                begun = time.process_time(), time.perf_counter()
                found = solve(train, truth, tol, threads)
                took = time.process_time() - begun[0], time.perf_counter() - begun[1]
                if found is None:
                    break
                W, *took = found if isinstance(found, tuple) else (found, *took)
                cpu.append(took[0])
                wall.append(took[1])
            if W is None:
                continue
            gap = objective(W, train, truth).sum() / best.sum() - 1.0
            quality = micro_macro(np.asarray(X[~inside] @ W[:-1] + W[-1]) > 0, Y[~inside])
            print(
                f"| {name} | {tol:g} | {statistics.median(cpu):.2f} | {statistics.median(wall):.2f} | {gap:.1e} "
                f"| {quality[0]:.4f} / {quality[1]:.4f} |",
                flush=True,
            )
    folds(X, Y, rounds)


def folds(X: csr_matrix, Y: NDArray[np.bool_], rounds: int) -> None:
    """Five folds after the fit on all rows: from its solution, and from nothing."""
    rows, blocks = TrainingRows.of(X), blocks_of(Y)
    svm_module.TOLERANCE = 0.1
    problems = svm_module._problems(Y, blocks, C, 0, np.ones(Y.shape[1]))
    solved = list(solutions(rows, problems, 1, keep_alpha=True))
    held_out = [np.flatnonzero(np.arange(len(rows)) % FOLDS == fold) for fold in range(FOLDS)]
    print("\n| five folds, tolerance 0.1 | CPU s | micro / macro F1 at 0 |\n|---|---|---|")
    for name in ("warm, from the fit on all rows", "cold"):
        took = []
        for _ in range(rounds):
            scores = np.zeros(Y.shape)
            begun = time.process_time()
            if name == "cold":
                for fold in held_out:
                    rest = np.setdiff1d(np.arange(len(rows)), fold)
                    cold = find_estimator("svm").fit(Problem(csr_matrix(X[rest]), Y[rest], C))
                    scores[fold] = cold.scores(X[fold])
            else:
                found = fold_scores(rows, problems, solved, held_out, 1)
                for fold in held_out:
                    for block in blocks:
                        scores[np.ix_(fold, block)] = next(found)
            took.append(time.process_time() - begun)
        micro, macro = micro_macro(scores > 0, Y)
        print(f"| {name} | {statistics.median(took):.2f} | {micro:.4f} / {macro:.4f} |", flush=True)


def processes(rounds: int, threads: int) -> None:
    """The table of whole processes."""
    bench = Bench(CACHE)
    files = bench.task(TASKS["reuters90"])
    write_slugline_config(TASKS["reuters90"], files)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own = [sys.executable, "-m", "slugline", "train", "--config", str(files.slugline_config), "--split", "none"]
        own += ["--no-track", "--jobs", str(threads)]
        every = [
            Process(
                "Slugline, no cross-validation", [*own, "--folds", "0", "--out", str(folder / "a.safetensors")], {}
            ),
            Process("Slugline, 5 folds", [*own, "--out", str(folder / "b.safetensors")], {}),
        ]
        for process in every:
            process.environment = dict(os.environ)
        for peer, (_, choice) in PEERS.items():
            if peer.startswith("annif") or not python_of(bench.environments, SYSTEMS[peer].environment).exists():
                continue
            every.append(Process(peer, _order(bench, peer, choice, folder, threads), _variables(bench, peer, threads)))
        for process in every:
            process.wall, process.cpu, process.peak = [], [], []
        for number in range(rounds + 1):
            for process in every:
                # A peer fills a folder of its own, which must not be there.
                shutil.rmtree(folder / process.name, ignore_errors=True)
                found = start(process, folder)
                if number:
                    process.wall.append(found["wall"])
                    process.cpu.append(found["cpu"])
                    process.peak.append(found["peak_mb"])
                print(f"round {number}: {process.name} {found['wall']:.1f} s", file=sys.stderr, flush=True)
    fast, full = every[:2]
    print("\n| process | wall s | CPU s | peak MB | Slugline's CPU time over this, without / with folds |")
    print("|---|---|---|---|---|")
    for process in every:
        cpu = process.median(process.cpu)
        ratios = f"{fast.median(fast.cpu) / cpu:.2f} / {full.median(full.cpu) / cpu:.2f}"
        print(
            f"| {process.name} | {process.median(process.wall):.1f} | {cpu:.1f} | {process.median(process.peak):.0f} "
            f"| {ratios} |"
        )


def _order(bench: Bench, peer: str, choice: dict[str, Any], folder: Path, threads: int) -> list[str]:
    """The command that trains a peer, with the choice in place of a search."""
    system, files = SYSTEMS[peer], bench.task(TASKS["reuters90"])
    rule = {"rule": "cut", "cut": 0.0, "fallback": False}
    tried = {"choice": choice, "rules": {"chosen": rule, "plain": rule}, "quality": {"chosen": 0, "plain": 0}}
    chosen, job = folder / f"{peer}-chosen.json", folder / f"{peer}.json"
    chosen.write_text(json.dumps({"measure": "none", "tried": [tried]}), encoding="utf-8")
    order = {"kind": "tags", "settings": system.settings, "train": str(files.train), "articles": str(files.one)}
    order |= {"chosen": str(chosen), "model": str(folder / peer), "out": str(folder / f"{peer}.out"), "jobs": threads}
    job.write_text(json.dumps(order), encoding="utf-8")
    python = python_of(bench.environments, system.environment)
    return [str(python), str(HERE / "adapters" / system.adapter), "fit", str(job)]


def _variables(bench: Bench, peer: str, threads: int) -> dict[str, str]:
    found = variables(bench.environments, SYSTEMS[peer].environment)
    return found | {name: str(threads) for name in found if name.endswith("_NUM_THREADS")}


def main() -> None:
    """Parse and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=["solvers", "processes"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    if given.only != "processes":
        solvers(given.rounds)
    if given.only != "solvers":
        processes(given.rounds, given.threads)


if __name__ == "__main__":
    main()
