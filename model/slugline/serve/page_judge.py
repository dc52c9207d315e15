"""What a person said of a prediction, from the page's form to the feedback log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from slugline.article import NONE
from slugline.feedback import EventAnswer, Feedback

if TYPE_CHECKING:
    from slugline.article import EventTypeScore, Prediction
    from slugline.explanation import Explanation
    from slugline.serve.page_form import PageForm


def answer(form: PageForm, said: Explanation, *, keep_text: bool) -> Feedback:
    """The answer that the form holds, about what the model said. Raises CorpusError where it contradicts itself."""
    prediction = said.prediction
    decided = [tag.tag for tag in prediction.tags if tag.decided]
    return Feedback.of(
        said.article,
        model=prediction.model,
        who=form.who,
        accepted=[tag for tag in decided if form.choices.get(tag) == "accept"],
        rejected=[tag for tag in decided if form.choices.get(tag) == "reject"],
        added=[tag for tag in form.added if tag not in decided],
        complete=form.complete,
        event_type=_event(form, prediction),
        keep_text=keep_text,
    )


def _event(form: PageForm, prediction: Prediction) -> EventAnswer | None:
    said = label_of(prediction.event_type)
    if form.event_type:
        if form.event_type == said:
            return EventAnswer("accepted", said)
        return EventAnswer("corrected", None if form.event_type == NONE else form.event_type)
    if said is None or form.event == "skip":
        return None
    return EventAnswer("accepted" if form.event == "accept" else "rejected", said)


def label_of(event: EventTypeScore | None) -> str | None:
    """The label that was predicted: the type, or where there is none, the group."""
    return None if event is None else event.type or event.group


def summary(saved: Feedback) -> str:
    """What was saved, in a sentence."""
    parts = [
        f"{len(tags)} {'tag' if len(tags) == 1 else 'tags'} {what}"
        for what, tags in (("accepted", saved.accepted), ("rejected", saved.rejected), ("added", saved.added))
        if tags
    ]
    if saved.event_type is not None:
        parts.append(f"event type {saved.event_type.kind}")
    return "Saved: " + ", ".join(parts) + "."
