"""The labels of a model that a person means by the names asked for. Imported only when asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from slugline.corpus.tags import near_tags, tag_key
from slugline.errors import SluglineError

if TYPE_CHECKING:
    from collections.abc import Callable

    from slugline.events import Events
    from slugline.tag_vocabulary import TagVocabulary


class UnknownNameError(SluglineError):
    """A name that is asked for is no `noun`, such as "tag", of the model."""

    def __init__(self, noun: str, name: str, near: Sequence[str]) -> None:
        """With the labels that are spelled nearly so."""
        article = "an" if noun[0] in "aeiou" else "a"
        expected = f"for example {', '.join(map(repr, near))}" if near else f"{article} {noun} of the model"
        super().__init__(f"the model knows no such {noun}", found=name, expected=expected)
        self.noun = noun


class Names:
    """The labels of one kind, such as "tag", and the names that they have or had."""

    def __init__(self, noun: str, labels: Sequence[str], now: Callable[[str], str] = str) -> None:
        """`now` gives the present name for a former one, and leaves any other name as it is."""
        self.noun = noun
        self.labels = labels
        self._now = now
        self._exact = frozenset(labels)
        self._by_key: dict[str, str] | None = None

    def exactly(self, name: str) -> bool:
        """Whether a label is spelled so."""
        return name in self._exact

    def meant(self, name: str) -> str | None:
        """The label that is spelled so or was called so, or is spelled so by `corpus.tags.tag_key`; None: there is
        none.
        """
        name = self._now(name)
        if name in self._exact:
            return name
        if self._by_key is None:
            self._by_key = {tag_key(label): label for label in reversed(self.labels)}
        return self._by_key.get(tag_key(name))


def tag_names(labels: Sequence[str], vocabulary: TagVocabulary | None) -> Names:
    """The names of tags, `labels`, by what `vocabulary` says of them if tags were edited."""
    return Names("tag", labels) if vocabulary is None else Names("tag", labels, vocabulary.resolve)


def type_names(events: Events) -> Names:
    """The names of the event types and groups that a model may say; none where it has no event types."""
    labels = tuple(dict.fromkeys(label for label in (*events.levels.leaves, *events.levels.groups) if label))
    return (
        Names("event type", labels)
        if events.vocabulary is None
        else Names("event type", labels, events.vocabulary.resolve)
    )


def labels_meant(names: Sequence[str], *kinds: Names) -> list[tuple[str, ...]]:
    """Of each kind the labels that are meant by `names`, each once, in their order.

    A name may be a label of several kinds; one that is spelled just so is meant before others. Raises
    UnknownNameError for a name that no label has.
    """
    found: list[dict[str, None]] = [{} for _ in kinds]
    for name in names:
        labels = [kind.meant(name) for kind in kinds]
        exact = any(kind.exactly(name) for kind in kinds)
        if not any(labels):
            noun = " or ".join(kind.noun for kind in kinds if kind.labels) or kinds[0].noun
            near = near_tags(name, [label for kind in kinds for label in kind.labels])
            raise UnknownNameError(noun, name, near)
        for own, kind, label in zip(found, kinds, labels, strict=True):
            if label is not None and (kind.exactly(name) or not exact):
                own[label] = None
    return [tuple(own) for own in found]
