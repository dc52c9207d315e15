"""One article's prediction as an object, and the reasons for it: what each of its terms adds to each score."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from slugline.article import Evidence, Prediction, TagScore
from slugline.decide import sigmoid
from slugline.features.views import readable

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from slugline.article import Article, EventTypeScore
    from slugline.bundle import Bundle
    from slugline.config import ViewConfig
    from slugline.events import Events, EventVerdicts
    from slugline.features.tfidf import Rows
    from slugline.head import LinearHead
    from slugline.tree_tags import TreeTags
    from slugline.verdicts import Verdicts

RECENCY = "how recent the tag is"
"""How the reasons call what a tag's score gains from its last training article (`tree.recency`)."""


class Reasons:
    """Makes predictions of the verdicts of a model, `views` being its views of articles."""

    def __init__(self, bundle: Bundle, views: Sequence[ViewConfig], events: Events, tree: TreeTags | None) -> None:
        self._bundle = bundle
        self._views = views
        self.events = events
        self._tree = tree

    def prediction(
        self,
        article: Article,
        row: int,
        rows: Rows,
        verdicts: Verdicts,
        events: EventVerdicts,
        chosen: list[int],
        explain: bool,
    ) -> Prediction:
        """The prediction of article `row` of these rows, with its `chosen` tags; with `explain`, with its reasons."""
        tags: list[TagScore] = []
        if (head := self._bundle.tags) is not None:
            tags = [self.tag_score(head, row, rows, verdicts, label, explain=explain) for label in chosen]
        event = None if self._bundle.event_type is None else self._event(rows, row, events, explain=explain)
        return Prediction(article.id, article.title, event, tuple(tags), self._bundle.digest)

    def nearest_event(self, row: int, rows: Rows, events: EventVerdicts) -> EventTypeScore | None:
        """The most probable event type of an article that was given none, with its reasons."""
        if self._bundle.event_type is None:
            return None
        return self._event(rows, row, self.events.nearest(events, row), explain=True)

    def _event(self, rows: Rows, row: int, events: EventVerdicts, *, explain: bool) -> EventTypeScore | None:
        terms = self._terms(rows, row) if explain else []
        return self.events.score(events, row, terms, partial(self._contributions, rows, row), explain=explain)

    def tag_score(
        self, head: LinearHead, row: int, rows: Rows, verdicts: Verdicts, label: int, *, explain: bool
    ) -> TagScore:
        """The verdict of article `row` on the tag in column `label` of the verdicts; `head` is the tag head."""
        tag, (own, member) = verdicts.tag_labels[label], verdicts.source(row, label)
        if self._tree is not None:
            intercept, evidence = self._tree_evidence(rows, row, verdicts.label(row, label)) if explain else (0.0, ())
        else:
            intercept = float(head.intercept[own]) if own < len(head.labels) else 0.0
            evidence = self._tag_evidence(head, rows, row, own, member or tag, verdicts) if explain else ()
        return TagScore(
            tag,
            float(verdicts.tag_probabilities[row, label]),
            bool(verdicts.tag_decisions[row, label]),
            float(verdicts.tag_scores[row, label]),
            intercept,
            evidence,
            member,
        )

    def unsearched(self, head: LinearHead, rows: Rows, row: int, tag: str) -> TagScore:
        """The verdict on a tag that a label tree's search did not come to, as if it had: not decided."""
        intercept, evidence = self._tree_evidence(rows, row, tag, searched=False)
        score = intercept + sum(item.contribution for item in evidence)
        place = head.labels.index(tag)
        chance = float(sigmoid(head.slope[place : place + 1] * score + head.offset[place : place + 1])[0])
        return TagScore(tag, chance, False, score, intercept, evidence)

    def _terms(self, rows: Rows, row: int) -> list[str]:
        """One article's terms, as they may be shown."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        return [readable(self._bundle.vocabulary.term(term), self._views) for term in rows.indices[part].tolist()]

    def _contributions(self, rows: Rows, row: int, head: LinearHead, label: int) -> NDArray[np.float64]:
        """What each of one article's terms adds to the score of one label of `head`."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        return head.contributions(rows.indices[part], rows.values[part], label)

    def _tag_evidence(
        self, head: LinearHead, rows: Rows, row: int, label: int, tag: str, verdicts: Verdicts
    ) -> tuple[Evidence, ...]:
        """`_evidence` of the label of a tag, with what its name adds, all there is for one without a column."""
        found = self._evidence(head, rows, row, label) if label < len(head.labels) else ()
        added = None if verdicts.names is None else verdicts.names.of(row, label)
        if not added:
            return found
        return _strongest_first([*found, Evidence(by_name(tag), added)])

    def _tree_evidence(
        self, rows: Rows, row: int, tag: str, *, searched: bool = True
    ) -> tuple[float, tuple[Evidence, ...]]:
        """The constant part of a tag's score in the tree, and what each term and its recency add, strongest first."""
        if self._tree is None:
            return 0.0, ()
        constant, parts = self._tree.reasons(rows, row, tag, searched=searched)
        recent = [(RECENCY, self._tree.recency(tag))]
        spelled = [*zip(self._terms(rows, row), parts.tolist(), strict=True), *recent]
        return constant, _strongest_first([Evidence(term, value) for term, value in spelled if value])

    def _evidence(self, head: LinearHead, rows: Rows, row: int, label: int) -> tuple[Evidence, ...]:
        """Every term's contribution that is not zero, strongest first, ties by term."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        indices = rows.indices[part]
        found = [
            Evidence(readable(self._bundle.vocabulary.term(term), self._views), value)
            for term, value in zip(
                indices.tolist(), head.contributions(indices, rows.values[part], label).tolist(), strict=True
            )
            if value
        ]
        return _strongest_first(found)


def by_name(tag: str) -> str:
    """How the reasons call what a tag's score gains as its name is mentioned."""
    return f'name "{tag}"'


def _strongest_first(found: list[Evidence]) -> tuple[Evidence, ...]:
    return tuple(sorted(found, key=lambda item: (-abs(item.contribution), item.term)))
