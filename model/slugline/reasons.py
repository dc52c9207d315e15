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
    from slugline.evidence import Terms
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
        self._last: tuple[Rows, int, Terms] | None = None

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

    def event(self, row: int, rows: Rows, events: EventVerdicts, label: str) -> EventTypeScore | None:
        """An event type, or a group, with its reasons, whether the article was given it or not."""
        return self._event(rows, row, self.events.given(events, row, label), explain=True)

    def _event(self, rows: Rows, row: int, events: EventVerdicts, *, explain: bool) -> EventTypeScore | None:
        terms = self.terms(rows, row) if explain else None
        return self.events.score(events, row, terms, partial(self._contributions, rows, row))

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

    def terms(self, rows: Rows, row: int) -> Terms:
        """One article's terms, as they may be shown; those of the last article are remembered."""
        last = self._last
        if last is None or last[0] is not rows or last[1] != row:
            # Not imported for a prediction without reasons.
            from slugline.evidence import Terms

            part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
            spelled = map(self._bundle.vocabulary.term, rows.indices[part].tolist())
            # All at once: other threads may ask for another article.
            self._last = last = rows, row, Terms([readable(term, self._views) for term in spelled])
        return last[2]

    def _contributions(self, rows: Rows, row: int, head: LinearHead, label: int) -> NDArray[np.float64]:
        """What each of one article's terms adds to the score of one label of `head`."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        return head.contributions(rows.indices[part], rows.values[part], label)

    def _tag_evidence(
        self, head: LinearHead, rows: Rows, row: int, label: int, tag: str, verdicts: Verdicts
    ) -> tuple[Evidence, ...]:
        """What each term adds to a tag's score, and its name; of a tag without a column of `head`, the name alone."""
        added = None if verdicts.names is None else verdicts.names.of(row, label)
        name = [Evidence(by_name(tag), added)] if added else []
        if label >= len(head.labels):
            return tuple(name)
        return self.terms(rows, row).evidence(self._contributions(rows, row, head, label), name)

    def _tree_evidence(
        self, rows: Rows, row: int, tag: str, *, searched: bool = True
    ) -> tuple[float, tuple[Evidence, ...]]:
        """The constant part of a tag's score in the tree, and what each term and its recency add, strongest first."""
        if self._tree is None:
            return 0.0, ()
        constant, parts = self._tree.reasons(rows, row, tag, searched=searched)
        return constant, self.terms(rows, row).evidence(parts, [Evidence(RECENCY, self._tree.recency(tag))])


def by_name(tag: str) -> str:
    """How the reasons call what a tag's score gains as its name is mentioned."""
    return f'name "{tag}"'
