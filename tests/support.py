"""What tests share: where things are, and the command run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from slugline.article import Article
    from slugline.learn.train import TrainedModel

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "starter" / "sample-article.txt"


def corpora_folder() -> Path:
    """`$SLUGLINE_CORPORA`, else the folder `shared/corpora` beside the checkout."""
    return Path(os.environ.get("SLUGLINE_CORPORA") or ROOT.parent / "shared" / "corpora")


def slugline(
    *arguments: object, cwd: Path, stdin: str | bytes = b"", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own; stdout and stderr are text."""
    done = subprocess.run(
        [sys.executable, "-m", "slugline", *map(str, arguments)],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=os.environ | environment,
        timeout=900,
        check=False,
    )
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def sklearn_scores(model: TrainedModel, articles: Sequence[Article]) -> dict[str, np.ndarray]:
    """Scores by head, (N, L) and (N, K), by scikit-learn's vectorizer and the weights as fitted.

    What `Predictor.scores` must agree with.
    """
    from slugline.corpus.clean import clean_article

    X = model.vectorizer.transform([clean_article(article) for article in articles]).tocsr()
    return {name: head.weights.scores(X) for name, head in model.heads.items()}


def assert_one_line_error(done: subprocess.CompletedProcess[str], *parts: str, code: int = 1) -> None:
    """The command failed as it should: exit code, one line on stderr that holds `parts`, no traceback."""
    assert done.returncode == code, (done.returncode, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.startswith("slugline: error:")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in lines[0], (part, lines[0])
