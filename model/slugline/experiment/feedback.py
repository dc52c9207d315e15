"""What people said of predictions, taken into the training part of a corpus; the held-out part stays as it is."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from slugline.article import NONE, Article, Labels
from slugline.config import Config
from slugline.corpus.dedupe import near_duplicate_groups
from slugline.corpus.load import alias_files
from slugline.corpus.tags import TagNames, load_aliases
from slugline.errors import CorpusError
from slugline.experiment.prepare import Part, Prepared
from slugline.feedback import EventAnswer, Feedback, article_digest, read
from slugline.files import sha256_file
from slugline.learn.estimators import TREE
from slugline.learn.partial import PartialTags
from slugline.progress import Progress, silent

HELD_OUT = "held out"
NEAR_HELD_OUT = "near-duplicate of a held-out article"
OUTSIDE = "on neither side of the split"
NO_TEXT = "not in the corpus, text not in the log"
TREE_NEEDS_ALL = "not all tags known, which a tree needs"
NOTHING = "nothing was said of it that is trained"


@dataclass(frozen=True, slots=True)
class FeedbackUse:
    """What became of a log's `answers`, article by article: plain counts.

    `changed` training articles have other labels than in the corpus, `confirmed` ones the same; `added` articles were
    not in the corpus. `partly` of all these are known to have or to lack some tags, and are nothing to other tags.
    `unused` says why the others were not used. `new_event_types` are not trained, for no article of the corpus has them
    and too few answers do. `torn` lines were not finished by who wrote them.
    """

    digest: str
    answers: int
    articles: int
    changed: int = 0
    confirmed: int = 0
    added: int = 0
    partly: int = 0
    unused: dict[str, int] = field(default_factory=dict)
    new_event_types: dict[str, int] = field(default_factory=dict)
    torn: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The fields, as the model file and the run keep them."""
        return dataclasses.asdict(self)

    def summary(self) -> str:
        """The same in one sentence."""
        said = f"{_many(self.answers, 'answer')} on {_many(self.articles, 'article')}: {self.changed:,} relabelled, "
        said += f"{self.confirmed:,} confirmed, {self.added:,} added"
        said += f" ({self.partly:,} for some tags only)" if self.partly else ""
        if self.unused:
            said += "; not used: " + ", ".join(f"{count:,} {why}" for why, count in sorted(self.unused.items()))
        if self.new_event_types:
            said += "; event types too rare to be learned: " + ", ".join(sorted(self.new_event_types))
        return said + (f"; {_many(self.torn, 'unfinished line')} passed over" if self.torn else "")


@dataclass(slots=True)
class Judgement:
    """What all answers about one article say together: where two contradict each other, the later one holds."""

    tags: dict[str, bool] = field(default_factory=dict)
    complete: bool = False
    event_type: EventAnswer | None = None
    article: Article | None = None

    def add(self, answer: Feedback, names: TagNames) -> None:
        """Take in a later answer; its tags get the corpus's spelling."""
        for tags, has in ((answer.rejected, False), (answer.accepted, True), (answer.added, True)):
            self.tags |= {name: has for tag in tags if (name := names.name(tag)) is not None}
        self.complete = self.complete or answer.complete
        self.event_type = answer.event_type or self.event_type
        self.article = answer.article or self.article

    @property
    def present(self) -> frozenset[str]:
        """The tags that the article has, as far as was said."""
        return frozenset(tag for tag, has in self.tags.items() if has)

    @property
    def absent(self) -> frozenset[str]:
        """The tags that it lacks, as far as was said."""
        return frozenset(tag for tag, has in self.tags.items() if not has)

    @property
    def event_label(self) -> str | None:
        """The event type that it has, NONE where no type fits; None where that was not said."""
        said = self.event_type
        return None if said is None or said.kind == "rejected" else said.type or NONE

    def labels(self, given: Labels) -> tuple[Labels, PartialTags | None]:
        """The labels of an article that the corpus gives `given`, and what is known beside them of its tags.

        An annotated article gets the tags that were found, and loses those that were rejected; no other, for nobody was
        shown the tags that the model does not know. One that is not annotated is so where somebody named all its tags.
        """
        tags, partial = given.tags, None
        if tags is not None:
            tags = (tags | self.present) - self.absent
        elif self.complete:
            tags = self.present
        elif self.tags:
            partial = PartialTags(0, self.present, self.absent)
        event = self.event_label or given.event_type
        if self.event_type is not None and self.event_type == EventAnswer("rejected", event):
            event = None
        return Labels(tags, event), partial


def with_feedback(prepared: Prepared, progress: Progress = silent) -> Prepared:
    """`prepared` with its training part changed by the log `learn.feedback`, if there is one.

    Articles are matched by the digest of their cleaned text. Those that are not in the corpus are added if the log has
    their text, unless they are near-duplicates of held-out ones. Raises CorpusError for a log that is at fault.
    """
    file = prepared.config.learn.feedback
    if file is None:
        return prepared
    torn: list[CorpusError] = []
    answers = list(read(file, torn.append))
    judged = judgements(answers, _names(prepared))
    held_out = _digests(prepared.held_out.articles)
    place: dict[str, list[int]] = {}
    for number, article in enumerate(prepared.train.articles):
        place.setdefault(article_digest(article), []).append(number)
    outside = set()
    if judged.keys() - held_out - place.keys():
        outside = _digests(prepared.corpus.articles)
    unused: Counter[str] = Counter()
    fresh: dict[str, Judgement] = {}
    known: dict[str, Judgement] = {}
    for digest, judgement in judged.items():
        if digest in held_out:
            unused[HELD_OUT] += 1
        elif digest in place:
            known[digest] = judgement
        elif digest in outside:
            unused[OUTSIDE] += 1
        elif judgement.article is None:
            unused[NO_TEXT] += 1
        else:
            fresh[digest] = judgement
    train, near = _grown(prepared, [one.article for one in fresh.values() if one.article is not None], progress)
    unused[NEAR_HELD_OUT] += len(near)
    numbered = [(numbers, known[digest]) for digest, numbers in place.items() if digest in known]
    added = [one for number, one in enumerate(fresh.values()) if number not in near]
    first = len(prepared.train)
    numbered += [([first + number], one) for number, one in enumerate(added)]
    train, use = _relabelled(train, first, numbered, prepared.config, unused)
    use = dataclasses.replace(
        use,
        digest=f"sha256:{sha256_file(file)}",
        answers=len(answers),
        articles=len(judged),
        torn=len(torn),
    )
    return dataclasses.replace(prepared, train=train, feedback=use)


def judgements(answers: Iterable[Feedback], names: TagNames) -> dict[str, Judgement]:
    """What was said of each article, by its digest, in the order in which it was first named."""
    found: dict[str, Judgement] = {}
    for answer in answers:
        found.setdefault(answer.digest, Judgement()).add(answer, names)
    return found


def _relabelled(
    train: Part, first: int, numbered: list[tuple[list[int], Judgement]], config: Config, unused: Counter[str]
) -> tuple[Part, FeedbackUse]:
    """The training part with its articles' labels changed; those from number `first` on were not in the corpus."""
    labels, partial = list(train.labels), []
    changed = confirmed = added = 0
    trained = {one.event_type for one in train.labels}
    votes = Counter(one.event_label for _, one in numbered if one.event_label is not None)
    # A type that the corpus does not have is learned from as many articles as a tag is.
    rare = {label: n for label, n in votes.items() if label not in trained and n < config.tags.min_articles}
    allowed = None
    if config.tags.label_set == "both-sides":
        allowed = frozenset(tag for one in train.labels for tag in one.tags or ())
    for numbers, judgement in numbered:
        if judgement.event_label in rare:
            judgement = dataclasses.replace(judgement, event_type=None)
        if allowed is not None:
            judgement = dataclasses.replace(
                judgement, tags={tag: has for tag, has in judgement.tags.items() if tag in allowed}
            )
        for number in numbers:
            made, some = judgement.labels(labels[number])
            for_tree = some is not None and config.tags.estimator == TREE
            if some is not None and not for_tree:
                partial.append(dataclasses.replace(some, article=number))
            if made == labels[number] and for_tree:
                unused[TREE_NEEDS_ALL] += 1
            elif number >= first and made == Labels() and some is None:
                unused[NOTHING] += 1
            elif number >= first:
                added += 1
            elif made != labels[number] or some is not None:
                changed += 1
            else:
                confirmed += 1
            labels[number] = made
    train = dataclasses.replace(train, labels=tuple(labels), partial=tuple(partial))
    left = {why: count for why, count in unused.items() if count}
    return train, FeedbackUse("", 0, 0, changed, confirmed, added, len(partial), left, rare)


def _grown(prepared: Prepared, articles: list[Article], progress: Progress) -> tuple[Part, frozenset[int]]:
    """The training part with `articles` at its end, and the numbers of those that are near-duplicates of held-out ones.

    The split was made without them, so that it is the same with and without feedback.
    """
    train, held_out = prepared.train, prepared.held_out
    if not articles:
        return train, frozenset()
    every = (*train.articles, *articles, *held_out.articles)
    groups = near_duplicate_groups(every, prepared.config.split.near_duplicate, progress)
    end = len(train) + len(articles)
    theirs = groups[len(train) : end]
    near = np.isin(theirs, groups[end:])
    chosen = np.flatnonzero(~near)
    taken = {article.id for article in train.articles} | {article.id for article in held_out.articles}
    more = [_renamed(articles[number], taken) for number in chosen]
    part = Part(
        (*train.articles, *more),
        (*train.labels, *[Labels()] * len(more)),
        np.concatenate([groups[: len(train)], theirs[chosen]]),
    )
    return part, frozenset(np.flatnonzero(near).tolist())


def _renamed(article: Article, taken: set[str]) -> Article:
    """The article with an id that no other has."""
    found, number = article.id, 1
    while found in taken:
        found, number = f"{article.id} ({number})", number + 1
    taken.add(found)
    return dataclasses.replace(article, id=found)


def _names(prepared: Prepared) -> TagNames:
    """The spelling of tags: the alias files' where they name one, else the corpus's."""
    aliases: dict[str, str] = {}
    for file in alias_files(prepared.config.corpus):
        aliases = load_aliases(file) | aliases
    return TagNames((tag for one in prepared.corpus.labels for tag in one.tags or ()), aliases)


def _digests(articles: Iterable[Article]) -> set[str]:
    return {article_digest(article) for article in articles}


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
