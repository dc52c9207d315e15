"""What tests share: where things are, and the command run as a user runs it."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from slugline.features.views import view_prefix
from view_terms import view_terms

if TYPE_CHECKING:
    import numpy as np

    from slugline.article import Article
    from slugline.features.tfidf import Tfidf
    from slugline.learn.train import TrainedModel

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "starter" / "sample-article.txt"


def long_test(name: str) -> ModuleType:
    """A script of `experiments/soak`, or what several share, as a module that processes which it starts find too."""
    folder = str(ROOT / "experiments" / "soak")
    if folder not in sys.path:
        sys.path.append(folder)
    return importlib.import_module(name)


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
    """Scores by head, (N, L) and (N, K), by scikit-learn's vectorizers, one for each view, and the weights as fitted.

    What `Predictor.scores` must agree with.
    """
    from slugline.corpus.clean import clean_article

    X = sklearn_rows(model.vectorizer, [clean_article(article) for article in articles])
    return {name: head.weights.scores(X) for name, head in model.heads.items()}


def sklearn_rows(fitted: Tfidf, articles: Sequence[Article]) -> Any:
    """The rows (N, d) of a fitted vectorizer, made by scikit-learn's TfidfVectorizer for each view."""
    import numpy as np
    from scipy.sparse import csr_matrix, hstack
    from sklearn.feature_extraction.text import TfidfVectorizer

    views, terms = fitted.config.views, fitted.vocabulary.terms()
    parts, columns = [], []
    for number, view in enumerate(views):
        start = view_prefix(number)
        own = [place for place, term in enumerate(terms) if (term.startswith(start) if start else ":" not in term)]
        if not own:
            continue
        vectorizer = TfidfVectorizer(
            analyzer=lambda article, number=number: view_terms(article, views)[number],
            vocabulary=[terms[place] for place in own],
            sublinear_tf=view.sublinear_tf,
        )
        vectorizer.idf_ = np.asarray(fitted.idf[own], np.float64)
        parts.append(vectorizer.transform(articles) * view.weight)
        columns += own
    return csr_matrix(hstack(parts, format="csc")[:, np.argsort(columns)])


def assert_one_line_error(done: subprocess.CompletedProcess[str], *parts: str, code: int = 1) -> None:
    """The command failed as it should: exit code, one line on stderr that holds `parts`, no traceback."""
    assert done.returncode == code, (done.returncode, done.stderr)
    lines = [line for line in done.stderr.splitlines() if line.startswith("slugline: error:")]
    assert len(lines) == 1, done.stderr
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in lines[0], (part, lines[0])
