"""How fast texts become TF-IDF rows on one core: Slugline against scikit-learn and PECOS.

    SLUGLINE_CORPORA=FOLDER python experiments/benchmarks/vectorizer.py [--rounds N] [--environments FOLDER]

The texts are those of Reuters-21578's ModApte training part. Every task is done N times, the systems taking turns
within a round, all bound to one processor. Seconds are processor time, so that a machine's other work weighs less; a
ratio is the median of the rounds'. "Again" is a vectorizer that has made rows before, but not of these articles. PECOS
runs in an environment of its own (see `experiments/benchmarks/peers`), where there is one; it takes whatever stands
between spaces for a word, so its matrix is another. It is given one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from slugline.article import Article
from slugline.config import CorpusConfig, FeatureConfig, SplitConfig, load_config
from slugline.corpus.load import load_corpus
from slugline.corpus.split import make_split

CONFIGS = Path(__file__).resolve().parents[1] / "configs"
ENVIRONMENTS = Path.home() / ".cache" / "slugline-peers" / "environments"

# Answers every line on stdin, the upper n of n-grams, with the seconds that fitting and transforming took.
PECOS = """
import json, sys, time
from pecos.utils.featurization.text.vectorizers import Vectorizer
texts = json.load(open(sys.argv[1], encoding="utf-8"))
print("ready", flush=True)
for line in sys.stdin:
    base = {"ngram_range": [1, int(line)], "analyzer": "word", "min_df_cnt": 0, "max_df_ratio": 1.0}
    start = time.process_time()
    config = {"type": "tfidf", "kwargs": {"base_vect_configs": [base]}}
    fitted = Vectorizer.train(texts, config=config, dtype="float32")
    rows = fitted.predict(texts, threads=1)
    print(time.process_time() - start, rows.shape[1], flush=True)
"""


class Pecos:
    """PECOS in a process of its own, which waits between its turns."""

    def __init__(self, python: Path, texts: Sequence[str], folder: Path) -> None:
        path = folder / "texts.json"
        path.write_text(json.dumps(list(texts)), encoding="utf-8")
        environment = os.environ | {"OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [python, "-c", PECOS, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self._line()

    def seconds(self, most: int) -> float:
        """The processor time of fitting and transforming n-grams of up to `most` words."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{most}\n")
        self._process.stdin.flush()
        return float(self._line().split()[0])

    def close(self) -> None:
        """Let the process end."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            sys.exit("PECOS failed")
        return line


def seconds(work: Callable[[], object]) -> float:
    """The processor time of one call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def take_turns(tasks: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each task in each round."""
    found: dict[str, list[float]] = {name: [] for name in tasks}
    for number in range(rounds):
        # Every other round backwards, so that none always follows the same.
        for name in list(tasks)[:: -1 if number % 2 else 1]:
            found[name].append(tasks[name]())
    return found


def print_table(title: str, found: dict[str, list[float]], first: str, amount: float, unit: str) -> None:
    """A Markdown table: median, what that is of `unit` for each second, and the ratio to `first`'s time."""
    print(f"\n| {title} | s | {unit}/s | its time / {first}'s, rounds' median (lowest to highest) |\n|---|---|---|---|")
    for name, times in found.items():
        ratios = sorted(own / other for own, other in zip(times, found[first], strict=True))
        middle = statistics.median(times)
        said = "" if name == first else f"{statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"| {name} | {middle:.3f} | {amount / middle:,.1f} | {said} |", flush=True)


def reuters() -> tuple[list[Article], list[Article]]:
    """The articles of the training part and of the test part."""
    corpus = load_corpus(CorpusConfig("reuters21578", families=("topics",)))
    sides = make_split(corpus, SplitConfig(method="official")).indices(corpus)
    learn, held_out = ([corpus.articles[number] for number in side] for side in sides)
    return learn, held_out


def compare(texts: Sequence[str], megabytes: float, rounds: int, pecos: Pecos | None) -> None:
    """Words, and words with pairs, against the others."""
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfVectorizer

    from slugline.learn.text_vectorizer import TextVectorizer

    for most, title in ((1, "words: fit_transform"), (2, "words and word pairs: fit_transform")):
        sizes = (1, most)
        tasks: dict[str, Callable[[], float]] = {
            "Slugline": lambda sizes=sizes: seconds(lambda: TextVectorizer(ngram_range=sizes).fit_transform(texts)),
            "Slugline's words": lambda sizes=sizes: seconds(
                lambda: TextVectorizer(ngram_range=sizes, token_pattern=None).fit_transform(texts)
            ),
            "TfidfVectorizer": lambda sizes=sizes: seconds(
                lambda: TfidfVectorizer(ngram_range=sizes).fit_transform(texts)
            ),
            "HashingVectorizer": lambda sizes=sizes: seconds(
                lambda: HashingVectorizer(ngram_range=sizes).transform(texts)
            ),
        }
        if pecos is not None:
            tasks["PECOS Tfidf"] = lambda most=most: pecos.seconds(most)
        print_table(title, take_turns(tasks, rounds), "Slugline", megabytes, "MB")


def configured(name: str) -> FeatureConfig:
    """The views of a configuration; those for tags alone where it learns no event types."""
    features = load_config(CONFIGS / f"{name}.toml").features
    if name == "reuters90":
        features = FeatureConfig(tuple(view for view in features.views if view.heads != "event_type"))
    return features


def own(learn: Sequence[Article], held_out: Sequence[Article], megabytes: float, rounds: int) -> None:
    """What training and predicting ask for: several views."""
    from slugline.features.tfidf import Tfidf
    from slugline.features.vocabulary import Vocabulary
    from slugline.learn.vectorize import fit_tfidf

    for name in ("reuters90", "news-en"):
        features = configured(name)
        fitted, _ = fit_tfidf(learn, features)

        def new(fitted: Tfidf = fitted) -> Tfidf:
            vocabulary = Vocabulary(fitted.vocabulary.blob, fitted.vocabulary.offsets)
            return Tfidf(vocabulary, fitted.idf, fitted.config)

        def batches(tfidf: Tfidf, size: int, articles: Sequence[Article]) -> None:
            for start in range(0, len(articles), size):
                tfidf.rows(articles[start : start + size])

        warm = new()
        batches(warm, 256, learn)
        title = f"{len(features.views)} views of {name}"
        fit = {"fit_tfidf": lambda features=features: seconds(lambda: fit_tfidf(learn, features))}
        print_table(f"{title}: training part", take_turns(fit, rounds), "fit_tfidf", megabytes, "MB")
        tasks: dict[str, Callable[[], float]] = {
            "again, 256 at once": lambda warm=warm: seconds(lambda: batches(warm, 256, held_out)),
            "again, 1,024 at once": lambda warm=warm: seconds(lambda: batches(warm, 1024, held_out)),
            "a new one, 256 at once": lambda new=new: seconds(lambda: batches(new(), 256, held_out)),
        }
        print_table(
            f"{title}: rows of new articles", take_turns(tasks, rounds), "again, 256 at once", len(held_out), "articles"
        )
        cold = {"one article, cold": lambda new=new: seconds(lambda: [new().rows([one]) for one in held_out[:20]]) / 20}
        print_table(f"{title}: one", take_turns(cold, rounds), "one article, cold", 1, "articles")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--environments", type=Path, default=ENVIRONMENTS)
    arguments = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    learn, held_out = reuters()
    texts = [article.text for article in learn]
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{len(texts):,} texts, {megabytes:.1f} MB", flush=True)
    python = arguments.environments / "pecos" / "bin" / "python"
    with tempfile.TemporaryDirectory() as folder:
        pecos = Pecos(python, texts, Path(folder)) if python.exists() else None
        if pecos is None:
            print(f"PECOS is left out: no {python}", file=sys.stderr)
        compare(texts, megabytes, arguments.rounds, pecos)
        if pecos is not None:
            pecos.close()
    own(learn, held_out, megabytes, arguments.rounds)


if __name__ == "__main__":
    main()
