"""Seconds per MB over four decades of size: what is linear has the same figure in every column.

    python experiments/benchmarks/linear_time.py [--largest 10000000] [--articles 100000] [--only NAME]

1. One text of 1 kB to 10 MB: cleaning it, cutting it into words, predicting it, and explaining it, with the shipped
   model; the text is made of sentences of the starter corpus.
2. Corpora of 10 to 100,000 articles: each reader, with cleaning, in microseconds per article.
3. The hostile files of tests/hostile that took the square of their size once, or come near it: reading them in every
   way. What is refused is so after what has to be read for that.

CPU seconds of this process, the least of three where that takes less than a second. Exits with 1 where a figure per MB
is more than --times that of two decades before it and takes more than a second.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from hostile import BOMBS, outcome
from slugline.article import Article, Labels
from slugline.config import CorpusConfig
from slugline.corpus.clean import clean_text
from slugline.corpus.convert import write_corpus
from slugline.corpus.corpus import Corpus, Record
from slugline.corpus.load import clean_record, load_corpus
from slugline.corpus.readers import read_records
from slugline.corpus.readers.articles import read_articles
from slugline.features.tokenizer import tokens
from slugline.predict import Predictor
from slugline.resources import data_path

TRAPS = (
    *("one line of text", "one word", "one line of dots", "blank lines", "Tags lines", "control characters"),
    *("lone surrogates", "entities of entities", "ampersands", "combining marks", "mojibake in one word", "R&D&R&D"),
    *("many tags", "a tag of commas", "deep JSON", "rows of other keys", "bad rows", "an open quote", "open quotes"),
    *("columns", "NULs", "bytes that are no UTF-8", "deep HTML", "one word of HTML", "an unclosed comment"),
    *("unclosed tags of SGML", "sign-offs", "lines of SGML", "a gzip bomb", "deep TOML", "a text of Turtle"),
)

PATIENCE = 30.0
"""CPU seconds after which a row's larger sizes are not tried any more."""


def main() -> int:
    """Measure and print; 1 where something is not linear."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--largest", type=int, default=10_000_000, help="bytes of the largest text (10,000,000)")
    parser.add_argument("--articles", type=int, default=100_000, help="articles of the largest corpus (100,000)")
    parser.add_argument("--times", type=float, default=4.0, help="how many times the figure of two decades before (4)")
    parser.add_argument("--only", default="", help="rows with this in their names")
    parser.add_argument("--part", type=int, choices=(1, 2, 3), help="one of the three tables")
    said = parser.parse_args()
    sizes = [size for size in (1_000, 10_000, 100_000, 1_000_000, 10_000_000) if size <= said.largest]
    counts = [count for count in (10, 100, 1_000, 10_000, 100_000) if count <= said.articles]
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        if said.part in (None, 1):
            heading("one text, s/MB", sizes)
            for name, work in texts().items():
                bad += row(name, sizes, lambda size, work=work: (work(size), size / 1e6), said)
        if said.part in (None, 2):
            heading("corpus, ms/article", counts)
            for name in (".jsonl", ".json", ".csv", ".tsv", ".parquet", ".jsonl.gz", "fastText", "folder of texts"):
                bad += row(name, counts, lambda count, name=name: corpus(Path(folder), name, count), said)
        if said.part in (None, 3):
            heading("hostile file, s/MB", sizes)
            for name in TRAPS:
                bad += row(name, sizes, lambda size, name=name: trap(Path(folder), name, size), said)
    print(f"\nnot linear: {', '.join(bad)}" if bad else "\nall linear")
    return 1 if bad else 0


def heading(title: str, sizes: list[int]) -> None:
    print(f"\n| {title} | " + " | ".join(f"{size:,}" for size in sizes) + " |\n|---|" + "--:|" * len(sizes))


def row(name: str, sizes: list[int], made: Callable[[int], tuple[Callable[[], object], float]], said) -> list[str]:
    """Print a row; its name where it is not linear."""
    if said.only not in name:
        return []
    found: list[tuple[float, float]] = []
    for size in sizes:
        if found and found[-1][1] > PATIENCE:
            break
        work, units = made(size)
        seconds = least(work)
        found.append((seconds / units, seconds))
    shown = [f"{each:.3g}" for each, _ in found] + ["-"] * (len(sizes) - len(found))
    print(f"| {name} | " + " | ".join(shown) + " |", flush=True)
    pairs = zip(found, found[2:], strict=False)
    return [name] if any(seconds > 1 and each > said.times * before for (before, _), (each, seconds) in pairs) else []


def least(work: Callable[[], object]) -> float:
    """CPU seconds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
        if best > 1:
            break
    return best


def sentences() -> Iterator[str]:
    """Sentences of the starter corpus, again and again."""
    found = [
        part.strip() + "."
        for one in load_corpus(CorpusConfig(name="starter")).records
        for part in one.article.body.split(". ")
        if part.strip()
    ]
    while True:
        yield from found


def text_of(size: int) -> str:
    parts, length = [], 0
    for number, sentence in enumerate(sentences()):
        parts.append(sentence + ("\n\n" if number % 5 == 4 else "  "))
        length += len(parts[-1])
        if length >= size:
            break
    return "".join(parts)[:size]


def texts() -> dict[str, Callable[[int], Callable[[], object]]]:
    """What is done with one text, by name: for a size, the work."""
    predictor = Predictor.load(data_path("models", "news-en.safetensors"))
    known: dict[int, str] = {}

    def of(size: int) -> str:
        return known.setdefault(size, text_of(size))

    def article(size: int) -> Article:
        return Article("1", "A headline", of(size))

    return {
        "clean": lambda size: partial(clean_text, of(size)),
        "tokenise": lambda size: partial(tokens, clean_text(of(size))),
        "predict": lambda size: partial(predictor.predict, [article(size)]),
        "explain": lambda size: partial(lambda one: list(predictor.explain_stream([one])), article(size)),
    }


def corpus(folder: Path, name: str, count: int) -> tuple[Callable[[], object], float]:
    """Reading a corpus of so many articles of four sentences, and thousands of articles, for ms per article."""
    source = sentences()
    bodies = [" ".join(next(source) for _ in range(4)) + f" {number}" for number in range(count)]
    path = folder / f"c{count}{name if name.startswith('.') else '.txt'}"
    if name == "fastText":
        path.write_text("".join(f"__label__a {' '.join(body.split())}\n" for body in bodies), encoding="utf-8")
    elif name == "folder of texts":
        path = folder / f"texts{count}"
        (path / "sport").mkdir(parents=True)
        for number, body in enumerate(bodies):
            (path / "sport" / f"{number}.txt").write_text(body, encoding="utf-8")
    elif name == ".json":
        rows = [{"id": str(number), "title": "x", "body": body} for number, body in enumerate(bodies)]
        path.write_text(json.dumps(rows), encoding="utf-8")
    else:
        records = tuple(
            Record(Article(str(number), "x", body), Labels(frozenset())) for number, body in enumerate(bodies)
        )
        write_corpus(Corpus("c", records), path)

    def work() -> None:
        for one in read_records(path):
            clean_record(one)
        for _ in read_articles(path):
            pass

    return work, count / 1000


def trap(folder: Path, name: str, size: int) -> tuple[Callable[[], object], float]:
    """Reading a hostile file, and its size in MB."""
    file, make = BOMBS[name]
    path = folder / file
    path.write_bytes(make(size))
    return lambda: outcome(path), size / 1e6


if __name__ == "__main__":
    sys.exit(main())
