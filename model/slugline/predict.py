"""The predictor: a model and articles in, predictions out. Every way of asking for a prediction comes through here."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import Article
from slugline.bundle import Bundle, read_bundle
from slugline.corpus.clean import clean_article, clean_articles
from slugline.decide import NOT_MENTIONED, best_tags, decide_tags, sigmoid
from slugline.errors import ModelFileError
from slugline.events import Events, EventVerdicts
from slugline.features.tfidf import Rows, Tfidf
from slugline.features.tokenizer import tokens
from slugline.reasons import Reasons
from slugline.scorer import Scorer
from slugline.tree_tags import BATCH, tree_tags
from slugline.verdicts import Verdicts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.article import Prediction
    from slugline.explanation import Explanation
    from slugline.names import NameModel, NameTerms
    from slugline.priors import Shift
    from slugline.tag_vocabulary import TagVocabulary

SELF_TEST_TOLERANCE = 1e-4
# Fewer at once cost more each, more cost more memory and gain nothing (measured).
_BATCH = 1024
_FEWEST = 64
_CELLS = 1 << 22


class Predictor:
    """A model ready to predict. Articles are cleaned here, by the same code as in training.

    >>> predictor = Predictor.load("model.safetensors")  # doctest: +SKIP
    >>> predictor.predict([Article("1", "Rebels seize airport", "...")])[0].tags  # doctest: +SKIP
    """

    def __init__(self, bundle: Bundle, shift: Shift | None = None) -> None:
        """With `shift`, event types are predicted under its shares (`adapted`)."""
        self.bundle = bundle
        self._tfidf = Tfidf(bundle.vocabulary, bundle.idf, bundle.features)
        self._names = _name_model(bundle)
        self.events = Events(bundle, shift)
        self.vocabulary: TagVocabulary | None = bundle.tag_vocabulary() if bundle.edited("tags") else None
        never = None
        if self.vocabulary is not None:
            from slugline.edited_tags import hidden, names_now

            self._names = names_now(self._names, self.vocabulary)
            never = hidden(self.vocabulary, bundle.tag_labels)
        self._tree = tree_tags(bundle.tags, bundle.sections.get("tree"), bundle.path, never)
        self.shift = shift
        self.added: tuple[dict[str, tuple[str, ...]], ...] = ()
        self._reasons = Reasons(bundle, self._tfidf.config.views, self.events, self._tree)
        self._scorers = {name: Scorer(head) for name, head in bundle.heads.items()}

    @classmethod
    def load(cls, path: str | Path, *, copy: bool = False) -> Predictor:
        """Open a model file and run its self-test; with `copy` it is read whole, as `read_bundle` has it.

        Raises ModelFileError where the file is not sound, or gives its own built-in articles scores that differ from
        those that it was written with by more than 1e-4.
        """
        predictor = cls(read_bundle(path, copy=copy))
        predictor.self_test()
        return predictor

    def with_names(self, names: Mapping[str, Iterable[str]]) -> Predictor:
        """A predictor of the same model that also knows the tags `names`, each with its other names, by name.

        How often such a tag's name was mentioned in training is taken from the vocabulary, where it is one word. Raises
        ModelFileError where the model has not learned when a name is a tag.
        """
        own = _name_model(self.bundle)
        if own is None:
            raise ModelFileError(
                "has not learned to find tags by name",
                file=self.bundle.path,
                expected='a model trained with names.enabled = "always"',
            )
        from slugline.corpus.tags import tag_key

        given = {tag: tuple(others) for tag, others in names.items()}
        by_label = given if self.vocabulary is None else self.vocabulary.by_label(given)
        more = own.extended(by_label, tag_key, self._frequency)
        made = Predictor(dataclasses.replace(self.bundle, sections={**self.bundle.sections, "names": more}))
        made.added = (*self.added, given)
        return made

    def adapted(self, articles: Sequence[Article]) -> tuple[Predictor, Shift]:
        """A predictor for this batch of articles, whose event types may have other shares than in training, and those.

        Saerens, Latinne and Decaestecker (2002); see `slugline.priors`. Raises SluglineError for fewer than
        `priors.FEWEST` articles with a known term, ModelFileError where the model does not hold its own shares.
        """
        from slugline.priors import Priors, find_shift

        section = self.bundle.sections.get("priors")
        leaves = self.events.trained.leaves
        found = [np.zeros((0, len(leaves)))]
        for start in range(0, len(articles), _BATCH):
            rows = self._rows(articles[start : start + _BATCH])
            known = np.diff(rows.indptr) > 0
            found.append(self._event_verdicts(rows, known).as_trained[1][known])
        try:
            shift = find_shift(
                np.concatenate(found),
                leaves,
                section if isinstance(section, Priors) else None,
            )
        except ModelFileError as error:
            error.file = None if self.bundle.path is None else str(self.bundle.path)
            raise
        made = Predictor(self.bundle, shift)
        made.added = self.added
        if (vocabulary := self.events.vocabulary) is not None:
            from slugline.event_vocabulary import shares_now

            shift = dataclasses.replace(
                shift, old=shares_now(shift.old, vocabulary), new=shares_now(shift.new, vocabulary)
            )
        return made, shift

    def _frequency(self, name: str) -> int:
        """In how many training articles a name of one word is, as its idf says; 0 where that is not known."""
        words = tokens(name)
        if self._names is None or len(words) != 1 or name.isupper():
            return 0
        place = int(self.bundle.vocabulary.lookup(words)[0])
        if place < 0:
            return 0
        # The inverse of `smooth_idf`.
        articles = self._names.counts.articles
        return max(0, round((1 + articles) / float(np.exp(self.bundle.idf[place] - 1.0)) - 1))

    def self_test(self) -> None:
        """Score the manifest's built-in articles. Raises ModelFileError where a score is not what it must be."""
        cases = self.bundle.manifest.self_test
        articles = [Article("self-test", case["title"], case["body"]) for case in cases]
        own = _name_model(self.bundle)
        if own is not None:
            from slugline.names import agrees

            for case, names in zip(cases, own.said(map(clean_article, articles)), strict=True):
                if not agrees(case.get("names"), names, SELF_TEST_TOLERANCE):
                    raise ModelFileError("fails its self-test", file=self.bundle.path, field="names", found=names)
        scores = self.scores(articles)
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
        """Linear scores by head ("tags" (N, L), "event_type" (N, K)), float64, columns in the order of the labels.

        These are the labels that the model was trained with. What the names of tags add to them, and what has become of
        tags since, is in `verdicts`.
        """
        rows = self._rows(articles)
        return {name: self._scores(name, rows) for name in self.bundle.heads}

    def probabilities(self, articles: Sequence[Article]) -> dict[str, NDArray[np.float64]]:
        """Calibrated probabilities by head, (N, columns) each.

        Of tags the columns are `labels(by_name=False)`, of event types the leaves of `events.levels`, of a head of
        groups its groups.
        """
        verdicts = self.verdicts(articles)
        labels = self.labels(by_name=False)
        tags = verdicts.tag_probabilities[:, : len(labels)]
        if self._tree is not None:
            column = {tag: number for number, tag in enumerate(labels)}
            tags = np.zeros((len(articles), len(labels)))
            tags[:, [column[tag] for tag in verdicts.tag_labels]] = verdicts.tag_probabilities
        found = {"tags": tags, "event_type": verdicts.event_probabilities, "event_group": verdicts.group_probabilities}
        return {name: found[name] for name in self.bundle.heads}

    def labels(self, *, by_name: bool = True) -> tuple[str, ...]:
        """The tags that it may say, by their present names; with `by_name` those too that it knows by name alone."""
        labels = self.bundle.tag_labels[: None if by_name or self.bundle.tags is None else len(self.bundle.tags.labels)]
        return labels if self.vocabulary is None else self.vocabulary.now(labels)

    def verdicts(self, articles: Sequence[Article]) -> Verdicts:
        """Scores, probabilities and decisions of both heads."""
        cleaned = clean_articles(articles)
        self.bundle.check_whole()
        return self._verdicts(cleaned, self._tfidf.rows(cleaned))

    def verdict_blocks(self, articles: Iterable[Article]) -> Iterator[Verdicts]:
        """`verdicts` of `batch_size` articles at a time: of a tree, each has the columns of its own candidates."""
        for _, _, verdicts in self._blocks(articles, None):
            yield verdicts

    def predict(
        self, articles: Iterable[Article], *, top: int | None = None, explain: bool = False
    ) -> list[Prediction]:
        """One prediction for each article, in order: the decided tags, most probable first (ties by name).

        With `top`, the `top` most probable tags, decided or not. With `explain`, every score carries the exact
        contribution of each term. Raises ModelFileError where the model file turns out to be damaged.
        """
        return list(self.predict_stream(articles, top=top, explain=explain))

    def predict_stream(
        self, articles: Iterable[Article], *, top: int | None = None, explain: bool = False, batch: int | None = None
    ) -> Iterator[Prediction]:
        """`predict` for any number of articles, `batch` of them in memory at a time (`batch_size` by default)."""
        for block, rows, verdicts in self._blocks(articles, batch):
            chosen, events = self._chosen(verdicts, top), verdicts.events
            for row, article in enumerate(block):
                yield self._reasons.prediction(article, row, rows, verdicts, events, chosen[row], explain)

    def explain(
        self, article: Article, *, tags: Sequence[str] = (), types: Sequence[str] = (), top: int | None = None
    ) -> Explanation:
        """The prediction of one article with its reasons laid out over its text; see `slugline.explain`.

        Beside the tags that `predict` gives, it has each of `tags`, decided or not, and each of `types`: event types
        and groups. Raises SluglineError for one that the model does not know, naming those spelled nearly so.
        """
        return next(self.explain_stream([article], tags=tags, types=types, top=top))

    def explain_stream(
        self,
        articles: Iterable[Article],
        *,
        tags: Sequence[str] = (),
        types: Sequence[str] = (),
        top: int | None = None,
        batch: int | None = None,
        marked: Collection[str] | None = None,
    ) -> Iterator[Explanation]:
        """`explain` for any number of articles, `batch` in memory at a time; of `marked` tags alone marks, if given."""
        from slugline.explain import Explainer

        explainer = Explainer(self.bundle, self._names, self._reasons, tags, types, self.vocabulary, marked)
        for block, rows, verdicts in self._blocks(articles, batch):
            chosen = self._chosen(verdicts, top)
            for row, article in enumerate(block):
                yield explainer.explain(article, row, rows, verdicts, chosen[row])

    def predict_lines(
        self, articles: Iterable[Article], *, top: int | None = None, ascii_only: bool = False, batch: int | None = None
    ) -> Iterator[str]:
        r"""The predictions of `predict_stream` as JSON Lines, as many at a time as are predicted at once.

        Each line is `json.dumps(prediction.to_dict(), ensure_ascii=ascii_only)` and "\n", made without the objects.
        """
        from slugline.lines import LineWriter

        writer = LineWriter(self.events, self.bundle.digest, ascii_only=ascii_only)
        for block, _, verdicts in self._blocks(articles, batch):
            tags = verdicts.tag_labels, verdicts.tag_probabilities, verdicts.tag_decisions
            yield writer.lines(block, tags, self._chosen(verdicts, top), verdicts.events)

    @property
    def batch_size(self) -> int:
        """How many articles are predicted at once: many, but no arrays of more than 2^22 cells."""
        if self._tree is not None:
            return BATCH
        widest = max((len(head.labels) for head in self.bundle.heads.values()), default=1)
        return min(_BATCH, max(_FEWEST, _CELLS // max(1, widest)))

    def _blocks(self, articles: Iterable[Article], batch: int | None) -> Iterator[tuple[list[Article], Rows, Verdicts]]:
        waiting = iter(articles)
        batch = batch or self.batch_size
        while block := clean_articles(list(islice(waiting, batch))):
            self.bundle.check_whole()
            rows = self._tfidf.rows(block)
            yield block, rows, self._verdicts(block, rows)

    @staticmethod
    def _chosen(verdicts: Verdicts, top: int | None) -> list[list[int]]:
        possible = verdicts.tag_scores > NOT_MENTIONED
        return best_tags(verdicts.tag_probabilities, verdicts.tag_decisions, possible, verdicts.tag_labels, top)

    def _rows(self, articles: Sequence[Article]) -> Rows:
        self.bundle.check_whole()
        return self._tfidf.rows(clean_articles(articles))

    def _scores(self, head: str, rows: Rows) -> NDArray[np.float64]:
        if head == "tags" and self._tree is not None:
            return self._tree.scores(rows)
        try:
            return self._scorers[head].scores(rows)
        except ModelFileError as error:
            raise ModelFileError(error.message, file=self.bundle.path) from error

    def _verdicts(self, articles: Sequence[Article], rows: Rows) -> Verdicts:
        """The verdicts of cleaned articles and their rows."""
        count, known = len(rows), np.diff(rows.indptr) > 0
        tag_scores = tag_probabilities = np.zeros((count, 0))
        tag_decisions = np.zeros((count, 0), dtype=bool)
        labels: tuple[str, ...] = ()
        names: NameTerms | None = None
        if self._tree is not None:
            labels, tag_scores, tag_probabilities, tag_decisions = self._tree.verdicts(rows, known)
        elif (tags := self.bundle.tags) is not None:
            tag_scores = self._scores("tags", rows)
            labels, slope, offset, thresholds = tags.labels, tags.slope, tags.offset, tags.thresholds
            if self._names is not None:
                names = self._names.terms(articles)
                tag_scores = names.added(tag_scores)
                labels += names.others
                more = len(names.others)
                slope, offset = np.append(slope, np.ones(more)), np.append(offset, np.zeros(more))
                thresholds = np.append(thresholds, np.full(more, self._names.threshold))
            if self.vocabulary is not None:
                never = np.array([self.vocabulary.shown(label) is None for label in labels])
                tag_scores[:, never] = NOT_MENTIONED
                thresholds = np.where(never, np.inf, thresholds)
            tag_probabilities = sigmoid(slope * tag_scores + offset)
            tag_decisions = decide_tags(
                tag_scores,
                thresholds,
                known,
                fallback=tags.fallback,
                rule=tags.rule,
                rank=tags.rank,
                fallback_from=tags.fallback_from,
                probability=tag_probabilities,
            )
        events = self._event_verdicts(rows, known)
        said, origin = (tag_scores, tag_probabilities, tag_decisions), None
        if self.vocabulary is not None:
            from slugline.edited_tags import edited_columns

            labels, said, origin = edited_columns(self.vocabulary, labels, said)
        return Verdicts(
            *said,
            events.scores,
            events.probabilities,
            events.decisions,
            known,
            events.group_probabilities,
            events.group_decisions,
            labels,
            names,
            origin,
            events.trained,
        )

    def _event_verdicts(self, rows: Rows, known: NDArray[np.bool_]) -> EventVerdicts:
        types, groups = self.bundle.event_type, self.bundle.event_group
        if types is None:
            nothing = np.zeros((len(rows), 0))
            return EventVerdicts(nothing, nothing, nothing, (None,) * len(rows), (None,) * len(rows))
        return self.events.verdicts(
            self._scores("event_type", rows), None if groups is None else self._scores("event_group", rows), known
        )


def _name_model(bundle: Bundle) -> NameModel | None:
    """The model's section of names, whose class is imported only where there is one."""
    section = bundle.sections.get("names")
    if section is None:
        return None
    from slugline.names import NameModel

    return section if isinstance(section, NameModel) else None
