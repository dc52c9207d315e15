"""The predictor: a model and articles in, predictions out. Every way of asking for a prediction comes through here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import NONE, Article, EventTypeScore, Evidence, Prediction, TagScore
from slugline.bundle import Bundle, read_bundle
from slugline.corpus.clean import clean_article
from slugline.decide import decide_tags, sigmoid, softmax
from slugline.errors import ModelFileError
from slugline.features.tfidf import Rows, Tfidf
from slugline.features.views import bare, readable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.head import LinearHead

SELF_TEST_TOLERANCE = 1e-4
_SELF_TEST_ARTICLES = (
    ("Rebels seize the airport", "Syrian rebels said on Monday that 1,200 U.S.-led troops had left Aleppo's airport."),
    ("BANK RAISES RATES", "The central bank raised its interest rate by 0.25 points.\n\nShares fell in 2024."),
    ("Café owner wins “Straße” prize", "The team from São Paulo won the final 3-1 after the storm in İstanbul."),
)
_BATCH = 256


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What a model says of N articles, as arrays; a head that the model lacks has zero columns.

    `event_decisions` holds the label decided on, None where the model abstained. `known` is False for articles without
    a single term of the vocabulary.
    """

    tag_scores: NDArray[np.float64]  # (N, L)
    tag_probabilities: NDArray[np.float64]  # (N, L), each in [0, 1]
    tag_decisions: NDArray[np.bool_]  # (N, L)
    event_scores: NDArray[np.float64]  # (N, K)
    event_probabilities: NDArray[np.float64]  # (N, K), rows sum to 1
    event_decisions: tuple[str | None, ...]  # N labels
    known: NDArray[np.bool_]  # (N,)


class Predictor:
    """A model ready to predict. Articles are cleaned here, by the same code as in training.

    >>> predictor = Predictor.load("model.safetensors")  # doctest: +SKIP
    >>> predictor.predict([Article("1", "Rebels seize airport", "...")])[0].tags  # doctest: +SKIP
    """

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self._tfidf = Tfidf(bundle.vocabulary, bundle.idf, bundle.features)
        self._group_names = frozenset(bundle.manifest.groups.values())

    @classmethod
    def load(cls, path: str | Path) -> Predictor:
        """Open a model file and run its self-test.

        Raises ModelFileError where the file is not sound, or gives its own built-in articles scores that differ from
        those that it was written with by more than 1e-4.
        """
        predictor = cls(read_bundle(path))
        predictor.self_test()
        return predictor

    def self_test(self) -> None:
        """Score the manifest's built-in articles. Raises ModelFileError where a score is not what it must be."""
        cases = self.bundle.manifest.self_test
        scores = self.scores([Article("self-test", case["title"], case["body"]) for case in cases])
        for head, linear in self.bundle.heads.items():
            column = {label: number for number, label in enumerate(linear.labels)}
            for row, case in enumerate(cases):
                for label, expected in case["scores"].get(head, {}).items():
                    found = float(scores[head][row, column[label]])
                    if not abs(found - expected) <= SELF_TEST_TOLERANCE:
                        raise ModelFileError(
                            f"fails its self-test: score of {label!r}",
                            file=self.bundle.path,
                            field=head,
                            found=round(found, 6),
                            expected=f"{expected}",
                        )

    def scores(self, articles: Sequence[Article]) -> dict[str, NDArray[np.float64]]:
        """Linear scores by head ("tags" (N, L), "event_type" (N, K)), float64, columns in the order of the labels."""
        rows = self._rows(articles)
        return {name: self._scores(head, rows) for name, head in self.bundle.heads.items()}

    def probabilities(self, articles: Sequence[Article]) -> dict[str, NDArray[np.float64]]:
        """Calibrated probabilities by head, shaped like `scores`."""
        verdicts = self.verdicts(articles)
        found = {"tags": verdicts.tag_probabilities, "event_type": verdicts.event_probabilities}
        return {name: found[name] for name in self.bundle.heads}

    def verdicts(self, articles: Sequence[Article]) -> Verdicts:
        """Scores, probabilities and decisions of both heads."""
        return self._verdicts(self._rows(articles))

    def predict(
        self, articles: Iterable[Article], *, top: int | None = None, explain: bool = False
    ) -> list[Prediction]:
        """One prediction for each article, in order: the decided tags, most probable first (ties by name).

        With `top`, the `top` most probable tags, decided or not. With `explain`, every score carries the exact
        contribution of each term. Raises ModelFileError where the model file turns out to be damaged.
        """
        return list(self.predict_stream(articles, top=top, explain=explain))

    def predict_stream(
        self, articles: Iterable[Article], *, top: int | None = None, explain: bool = False, batch: int = _BATCH
    ) -> Iterator[Prediction]:
        """`predict` for any number of articles, `batch` of them in memory at a time."""
        waiting = iter(articles)
        while block := [clean_article(article) for article in islice(waiting, batch)]:
            rows = self._tfidf.rows(block)
            verdicts = self._verdicts(rows)
            for row, article in enumerate(block):
                yield self._prediction(article, row, rows, verdicts, top, explain)

    def _rows(self, articles: Iterable[Article]) -> Rows:
        return self._tfidf.rows(map(clean_article, articles))

    def _scores(self, head: LinearHead, rows: Rows) -> NDArray[np.float64]:
        try:
            return head.scores(rows)
        except ModelFileError as error:
            raise ModelFileError(error.message, file=self.bundle.path) from error

    def _verdicts(self, rows: Rows) -> Verdicts:
        count, known = len(rows), np.diff(rows.indptr) > 0
        tag_scores = tag_probabilities = np.zeros((count, 0))
        event_scores = event_probabilities = np.zeros((count, 0))
        tag_decisions = np.zeros((count, 0), dtype=bool)
        event_decisions: tuple[str | None, ...] = (None,) * count
        if (tags := self.bundle.tags) is not None:
            tag_scores = self._scores(tags, rows)
            tag_probabilities = sigmoid(tags.slope * tag_scores + tags.offset)
            tag_decisions = decide_tags(tag_scores, tags.thresholds, known, fallback=tags.fallback)
        if (event_type := self.bundle.event_type) is not None:
            event_scores = self._scores(event_type, rows)
            event_probabilities = softmax(event_type.slope * event_scores + event_type.offset)
            best = event_scores.argmax(axis=1)
            sure = known & (event_probabilities[np.arange(count), best] >= event_type.abstain_below)
            event_decisions = tuple(
                event_type.labels[label] if decided else None
                for label, decided in zip(best.tolist(), sure.tolist(), strict=True)
            )
        return Verdicts(
            tag_scores, tag_probabilities, tag_decisions, event_scores, event_probabilities, event_decisions, known
        )

    def _prediction(
        self, article: Article, row: int, rows: Rows, verdicts: Verdicts, top: int | None, explain: bool
    ) -> Prediction:
        tags: list[TagScore] = []
        if (head := self.bundle.tags) is not None:
            probability, decided = verdicts.tag_probabilities[row], verdicts.tag_decisions[row]
            for label in _best(probability, decided, head.labels, top):
                score = TagScore(
                    head.labels[label],
                    float(probability[label]),
                    bool(decided[label]),
                    float(verdicts.tag_scores[row, label]),
                    float(head.intercept[label]),
                    self._evidence(head, rows, row, label) if explain else (),
                )
                tags.append(score)
        event = None
        if (head := self.bundle.event_type) is not None and (name := verdicts.event_decisions[row]) is not None:
            label = head.labels.index(name)
            kind, group = self._type_and_group(name)
            event = EventTypeScore(
                kind,
                group,
                float(verdicts.event_probabilities[row, label]),
                float(verdicts.event_scores[row, label]),
                float(head.intercept[label]),
                self._evidence(head, rows, row, label) if explain else (),
            )
        return Prediction(article.id, article.title, event, tuple(tags), self.bundle.digest)

    def _type_and_group(self, label: str) -> tuple[str | None, str | None]:
        """A label as type and group: a group's own name is no type, and NONE and unknown types have no group."""
        if label == NONE:
            return label, None
        group = self.bundle.manifest.groups.get(label)
        if group == label or (group is None and label in self._group_names):
            return None, label
        return label, group

    def _evidence(self, head: LinearHead, rows: Rows, row: int, label: int) -> tuple[Evidence, ...]:
        """Every term's contribution that is not zero, strongest first, ties by term."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        indices = rows.indices[part]
        found = [
            Evidence(readable(self.bundle.vocabulary.term(term)), value)
            for term, value in zip(
                indices.tolist(), head.contributions(indices, rows.values[part], label).tolist(), strict=True
            )
            if value
        ]
        return tuple(sorted(found, key=lambda item: (-abs(item.contribution), item.term)))


def with_self_test(bundle: Bundle) -> Bundle:
    """`bundle` with the self-test that its file will carry: built-in sentences, and terms of its own vocabulary.

    Of each head it holds the three highest and the three lowest scores.
    """
    step = max(1, len(bundle.vocabulary) // 24)
    own = [bare(bundle.vocabulary.term(index)) for index in range(0, len(bundle.vocabulary), step)]
    articles = [Article("self-test", title, body) for title, body in _SELF_TEST_ARTICLES]
    articles += [Article("self-test", "", "\n\n".join(own))]
    scores = Predictor(bundle).scores(articles)
    cases = []
    for row, article in enumerate(articles):
        expected: dict[str, dict[str, float]] = {}
        for name, head in bundle.heads.items():
            order = np.argsort(scores[name][row], kind="stable").tolist()
            chosen = sorted({*order[:3], *order[-3:]})
            expected[name] = {head.labels[label]: round(float(scores[name][row, label]), 6) for label in chosen}
        cases.append({"title": article.title, "body": article.body, "scores": expected})
    return dataclasses.replace(bundle, manifest=dataclasses.replace(bundle.manifest, self_test=cases))


def _best(
    probability: NDArray[np.float64], decided: NDArray[np.bool_], labels: tuple[str, ...], top: int | None
) -> list[int]:
    """Numbers of the tags to show, most probable first, ties by name."""
    if top is None:
        chosen = np.flatnonzero(decided)
    elif top >= len(labels):
        chosen = np.arange(len(labels))
    else:
        chosen = np.flatnonzero(probability >= np.partition(probability, -top)[-top])
    return sorted(chosen.tolist(), key=lambda label: (-probability[label], labels[label]))[:top]
