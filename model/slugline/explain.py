"""Reasons laid out over an article's text, and what a tag lacks that was not given. Imported only when asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from slugline.article import NONE, Prediction, TagScore
from slugline.asked import labels_meant, tag_names, type_names
from slugline.decide import NOT_MENTIONED, sigmoid
from slugline.errors import ModelFileError
from slugline.explanation import EventReasons, Explanation, TagReasons, Threshold
from slugline.features.spans import TermPlaces, Words, name_places
from slugline.marks import laid_out
from slugline.reasons import by_name

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from slugline.article import Article, EventTypeScore, Evidence
    from slugline.bundle import Bundle
    from slugline.config import ViewConfig
    from slugline.features.tfidf import Rows
    from slugline.marks import Mark
    from slugline.names import NameModel
    from slugline.neighbours import Neighbour
    from slugline.reasons import Reasons
    from slugline.tag_vocabulary import TagVocabulary
    from slugline.verdicts import Verdicts


class Explainer:
    """Explains articles to a person who also asks about these `tags`, event types and groups."""

    def __init__(
        self,
        bundle: Bundle,
        names: NameModel | None,
        reasons: Reasons,
        tags: Sequence[str] = (),
        types: Sequence[str] = (),
        vocabulary: TagVocabulary | None = None,
        marked: Collection[str] | None = None,
    ) -> None:
        """`vocabulary` is there if tags were edited; tags that are not in `marked`, if that is given, get no marks.

        Raises SluglineError for a tag, or an event type, that the model does not know.
        """
        self._bundle = bundle
        self._views = bundle.features.views
        self._names = names
        self._reasons = reasons
        self._number = {} if names is None else {label: number for number, label in enumerate(names.labels)}
        heads = () if bundle.tags is None else bundle.tags.labels
        labels = heads if names is None else names.labels
        self._vocabulary = vocabulary
        self._marked = marked
        if vocabulary is not None:
            labels = vocabulary.now(labels)
        self._asked: tuple[str, ...] = ()
        self._asked_types: tuple[str, ...] = ()
        if tags:
            (self._asked,) = labels_meant(tags, tag_names(labels, vocabulary))
        if types:
            (self._asked_types,) = labels_meant(types, type_names(reasons.events))
        self._column = {label: number for number, label in enumerate(heads)}
        self._tree = "tree" in bundle.sections

    def explain(self, article: Article, row: int, rows: Rows, verdicts: Verdicts, chosen: list[int]) -> Explanation:
        """The explanation of the cleaned article `row` of these rows, which has these `chosen` tags."""
        said = self._reasons.prediction(article, row, rows, verdicts, verdicts.events, chosen, True)
        shown = {tag.tag for tag in said.tags}
        more = [self._tag_score(row, rows, verdicts, tag) for tag in self._asked if tag not in shown]
        said = Prediction(said.id, said.title, said.event_type, (*said.tags, *more), said.model)
        text = _Text(article, self._terms(rows, row), self._views)
        numbers = [number for tag in said.tags if (number := self._number.get(self._label(tag))) is not None]
        if self._names is not None:
            text.names = name_places(article, self._names.table, numbers)
        tags = tuple(self._tag(tag, verdicts, row, text) for tag in said.tags)
        event, near = text.event(said.event_type), None
        if event is None and self._bundle.event_type is not None:
            near = self._event(row, rows, verdicts, self._reasons.events.nearest(verdicts.events, row), text)
        asked = [self._event(row, rows, verdicts, label, text) for label in self._asked_types]
        types = tuple(reasons for reasons in asked if reasons is not None)
        return Explanation(article, said, tags, event, self._neighbours(rows, row), near, types)

    def _event(self, row: int, rows: Rows, verdicts: Verdicts, label: str, text: _Text) -> EventReasons | None:
        """The reasons for an event type, or a group, that was given or not."""
        events = self._reasons.events
        found = text.event(self._reasons.event(row, rows, verdicts.events, label))
        why = events.why(verdicts.events, row, label, known=bool(verdicts.known[row]))
        return found and replace(found, needed=events.needed(label), why=why)

    def _neighbours(self, rows: Rows, row: int) -> tuple[Neighbour, ...] | None:
        section = self._bundle.sections.get("neighbours")
        if section is None:
            return None
        from slugline.neighbours import Neighbours

        if not isinstance(section, Neighbours):
            return None
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        try:
            found = section.nearest(rows.indices[part], rows.values[part], self._bundle.vocabulary)
        except ModelFileError as error:
            raise ModelFileError(error.message, file=self._bundle.path, field=error.field) from error
        # Their labels too are called as they are now.
        if (tags := self._vocabulary) is not None:
            found = tuple(one if one.tags is None else replace(one, tags=tags.now(one.tags)) for one in found)
        if (events := self._reasons.events.vocabulary) is not None:
            found = tuple(
                one if one.event_type in (None, NONE) else replace(one, event_type=events.shown(one.event_type))
                for one in found
            )
        return found

    def _terms(self, rows: Rows, row: int) -> dict[str, str]:
        """One article's terms as the vocabulary has them, by how the evidence calls them."""
        part = slice(int(rows.indptr[row]), int(rows.indptr[row + 1]))
        spelled = map(self._bundle.vocabulary.term, rows.indices[part].tolist())
        return dict(zip(self._reasons.terms(rows, row).shown, spelled, strict=True))

    def _tag_score(self, row: int, rows: Rows, verdicts: Verdicts, tag: str) -> TagScore:
        """The verdict on a tag that would not be shown."""
        head, labels = self._bundle.tags, verdicts.tag_labels
        label = labels.index(tag) if tag in labels else None
        # A column may be there for another article of the batch: of a name, or of a tree's candidate.
        absent = label is None or (
            (self._tree or self._own(tag) not in self._column)
            and float(verdicts.tag_scores[row, label]) <= NOT_MENTIONED
        )
        if head is not None and absent and self._tree:
            return replace(self._reasons.unsearched(head, rows, row, self._own(tag)), tag=tag)
        if head is not None and label is not None and not absent:
            return self._reasons.tag_score(head, row, rows, verdicts, label, explain=True)
        return TagScore(tag, 0.0, False, NOT_MENTIONED, NOT_MENTIONED)

    def _tag(self, tag: TagScore, verdicts: Verdicts, row: int, text: _Text) -> TagReasons:
        threshold = self._threshold(self._label(tag))
        why = self._why(tag, threshold, known=bool(verdicts.known[row]), listed=tag.tag in verdicts.tag_labels)
        marked: Sequence[Mark] = ()
        if self._marked is None or tag.tag in self._marked:
            marked = text.marks(tag.evidence, tag.member or tag.tag, self._number.get(self._label(tag)))
        return TagReasons(tag, threshold, why, tag.tag in self._asked, marked)

    def _own(self, tag: str) -> str:
        """The label that the model was trained with for a tag; of a merged one, the label of what it was before."""
        label = None if self._vocabulary is None else self._vocabulary.label_of(tag)
        return tag if label is None else label

    def _label(self, tag: TagScore) -> str:
        """The label that a tag's score is of."""
        return self._own(tag.tag) if tag.member is None else tag.member

    def _threshold(self, tag: str) -> Threshold | None:
        head, place = self._bundle.tags, self._column.get(tag)
        score, slope, offset = np.inf, 1.0, 0.0
        if head is not None and place is not None:
            score, slope, offset = float(head.thresholds[place]), float(head.slope[place]), float(head.offset[place])
        elif self._names is not None:
            score = self._names.threshold
        if not np.isfinite(score):
            return None
        return Threshold(score, float(sigmoid(np.array([slope * score + offset]))[0]))

    def _why(self, tag: TagScore, threshold: Threshold | None, *, known: bool, listed: bool) -> str:
        head = self._bundle.tags
        reached = threshold is not None and tag.score >= threshold.score
        if tag.decided and not reached and tag.member is not None:
            return "a tag that was merged into it was given"
        if tag.decided:
            return "its score reaches its threshold" if reached else "no tag reached its threshold; it came nearest"
        if not known:
            return "the article has no word that the model knows"
        if self._label(tag) not in self._column and tag.score <= NOT_MENTIONED:
            return "known by its name alone, which is not in the article"
        if threshold is None:
            return "no threshold was found for it in training: it is never given"
        if not reached:
            return "its score is below its threshold"
        return _ABOVE.get(head.rule if head is not None and listed else "", _UNSEARCHED)


_ABOVE = {
    "rank": "above its threshold, but others are more probable, and only so many are given",
    "expected-f1": "above its threshold, but the tags that were given are better without it",
}
_UNSEARCHED = "above its threshold, but other tags were nearer when the label tree was searched"


class _Text:
    """One article's terms by how the evidence calls them, where they stand, and where names of tags do."""

    def __init__(self, article: Article, terms: dict[str, str], views: Sequence[ViewConfig]) -> None:
        self.names: dict[int, Words] = {}
        self._number = {shown: number for number, shown in enumerate(terms)}
        self._places = TermPlaces(article, views, list(terms.values()))

    def event(self, event: EventTypeScore | None) -> EventReasons | None:
        """Where the reasons for an event's type and its group stand."""
        if event is None:
            return None
        return EventReasons(event, self.marks(event.evidence), self.marks(event.group_evidence))

    def marks(self, evidence: Sequence[Evidence], tag: str = "", number: int | None = None) -> Sequence[Mark]:
        """Of the evidence what stands in the text; that by name is the name of `tag`, which has this `number`."""
        found = [(self._number[item.term], item.contribution) for item in evidence if item.term in self._number]
        terms, values = zip(*found, strict=True) if found else ((), ())
        words = self._places.words_of(np.array(terms, np.int64), np.array(values, np.float64))
        named = None if number is None else self.names.get(number)
        if named is not None:
            added = sum(item.contribution for item in evidence if item.term == by_name(tag))
            name = Words(named.start, named.end, named.added * added)
            words = Words(*(np.concatenate(both) for both in zip(words, name, strict=True)))
        return laid_out(*words, self._places.body)
