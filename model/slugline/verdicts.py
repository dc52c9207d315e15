"""What a model says of many articles at once, as arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slugline.events import EventVerdicts
from slugline.records import record

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from slugline.edited_tags import Origin
    from slugline.names import NameTerms


@record(frozen=True, slots=True, eq=False)
class Verdicts:
    """What a model says of N articles, as arrays; a head that the model lacks has zero columns.

    The columns of tags are those of the tag head, then the tags without a column there that one of these articles
    mentions by `names`. Where the tags of the model have been edited they are those of the tags as they are now, and
    `origin` says which of the model's own columns each is from; `names` are about those.

    The K columns of event types are those of `Predictor.events.levels`: types, and groups without one; the G columns of
    groups are its groups. `event_decisions` and `group_decisions` hold the labels decided on, None where the model
    abstained; where there is a type, the group is the type's. `trained_events` are the scores and probabilities of the
    event types as they were trained, where they have been edited since. `known` is False for articles without a single
    term of the vocabulary.
    """

    tag_scores: NDArray[np.float64]  # (N, L)
    tag_probabilities: NDArray[np.float64]  # (N, L), each in [0, 1]
    tag_decisions: NDArray[np.bool_]  # (N, L)
    event_scores: NDArray[np.float64]  # (N, K)
    event_probabilities: NDArray[np.float64]  # (N, K), rows sum to 1
    event_decisions: tuple[str | None, ...]  # N labels
    known: NDArray[np.bool_]  # (N,)
    group_probabilities: NDArray[np.float64]  # (N, G), rows sum to 1
    group_decisions: tuple[str | None, ...]  # N groups
    tag_labels: tuple[str, ...] = ()  # L, the columns of the tag arrays
    names: NameTerms | None = None
    origin: Origin | None = None
    trained_events: tuple[NDArray[np.float64], NDArray[np.float64]] | None = None

    def source(self, article: int, tag: int) -> tuple[int, str | None]:
        """The model's own column that an article's score of tag number `tag` comes from; of a tag that several were
        merged into, also the label of that column.
        """
        return (tag, None) if self.origin is None else self.origin.of(article, tag)

    def label(self, article: int, tag: int) -> str:
        """The label, as it was trained, that an article's score of tag number `tag` comes from."""
        return self.tag_labels[tag] if self.origin is None else self.origin.labels[self.source(article, tag)[0]]

    @property
    def events(self) -> EventVerdicts:
        """The part of them that is about events."""
        return EventVerdicts(
            self.event_scores,
            self.event_probabilities,
            self.group_probabilities,
            self.event_decisions,
            self.group_decisions,
            self.trained_events,
        )
