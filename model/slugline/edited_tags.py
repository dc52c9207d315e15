"""What an edited vocabulary makes of a model's verdicts: columns of labels become columns of tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from slugline.decide import NOT_MENTIONED
from slugline.records import record
from slugline.vocabulary_edits import every

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from slugline.names import NameModel
    from slugline.tag_vocabulary import TagVocabulary

    Said = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]


@record(frozen=True, slots=True, eq=False)
class Origin:
    """Where the M columns of edited tags come from: the model's own columns, called `labels`.

    `first` (M,) is the column of a tag; of a tag that several labels were merged into, `chosen` holds under the tag's
    number the column of the strongest of them in each of N articles, (N,).
    """

    labels: tuple[str, ...]
    first: NDArray[np.int64]
    chosen: Mapping[int, NDArray[np.int64]]

    def of(self, article: int, tag: int) -> tuple[int, str | None]:
        """The model's column that a tag's score of an article comes from; and of a merged tag, that column's label."""
        if tag not in self.chosen:
            return int(self.first[tag]), None
        column = int(self.chosen[tag][article])
        return column, self.labels[column]


def hidden(vocabulary: TagVocabulary, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which of the labels (L,) are never said, because their tag is retired."""
    return np.array([vocabulary.shown(label) is None for label in labels], dtype=bool)


def edited_columns(
    vocabulary: TagVocabulary, labels: tuple[str, ...], said: Said
) -> tuple[tuple[str, ...], Said, Origin]:
    """Scores, probabilities and decisions of N articles over L labels, each (N, L), as those of M tags, (N, M).

    A tag of several labels has the score and the probability of the most probable of them (of equals the first), and is
    decided where one of them is. Retired tags have no column.
    """
    columns: dict[str, list[int]] = {}
    for number, label in enumerate(labels):
        tag = vocabulary.shown(label)
        if tag is not None:
            columns.setdefault(tag, []).append(number)
    first = np.array([own[0] for own in columns.values()], dtype=np.int64)
    scores, probability, decided = said[0][:, first], said[1][:, first], said[2][:, first]
    names = tuple(columns)
    chosen: dict[int, NDArray[np.int64]] = {}
    rows = np.arange(len(scores))
    for tag_number, own in enumerate(columns.values()):
        if len(own) == 1 and not vocabulary.is_merged(names[tag_number]):
            continue
        members = np.array(own, dtype=np.int64)
        best = members[said[1][:, members].argmax(axis=1)]
        chosen[tag_number] = best
        scores[:, tag_number], probability[:, tag_number] = said[0][rows, best], said[1][rows, best]
        # A label that an article does not mention is not decided there, however low its threshold.
        decided[:, tag_number] = (said[2][:, members] & (said[0][:, members] > NOT_MENTIONED)).any(axis=1)
    return names, (scores, probability, decided), Origin(labels, first, chosen)


def names_now(names: NameModel | None, vocabulary: TagVocabulary) -> NameModel | None:
    """`names` with the new names and the aliases that tags have got; not those of retired tags."""
    given: dict[str, tuple[str, ...]] = {}
    for root in vocabulary.touched:
        for tag in every(root) if not root.retired else ():
            if added := (*tag.aliases, *((tag.name,) if tag.name != tag.label else ())):
                given[tag.label] = added
    # Every label is there and spelled as it is, so that none needs a key, and none is new.
    return names if names is None or not given else names.extended(given, str, len)
