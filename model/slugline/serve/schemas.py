"""The JSON that the REST API answers, with examples. What is sent to it is in `schemas_in`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from slugline.serve import examples

Probability = Annotated[float, Field(ge=0, le=1)]


def shown(example: Any, **more: Any) -> ConfigDict:
    """The configuration of an answer, with the example that OpenAPI shows."""
    return ConfigDict(json_schema_extra={"examples": [example], **more})


class EventTypeOut(BaseModel):
    """The event type decided on; `type` is null where the model knows groups only, or abstained from the type."""

    type: str | None
    group: str | None
    probability: Probability
    group_probability: Probability | None


class TagOut(BaseModel):
    """One tag, its calibrated probability, and whether the model decided on it."""

    tag: str
    probability: Probability
    decided: bool


class PredictionOut(BaseModel):
    """What the model says of one article: the object that `slugline predict --format jsonl` writes."""

    model_config = shown(examples.PREDICTION)

    id: str
    title: str
    event_type: EventTypeOut | None
    tags: list[TagOut]
    model: str


class TermOut(BaseModel):
    """A term of the article and what it adds to a score."""

    term: str
    contribution: float


class EvidenceOut(BaseModel):
    """The strongest terms; with `other_terms` and `intercept` they add up to `score`.

    Of a tag that others were merged into, `member` is the one whose score it is.
    """

    score: float
    intercept: float
    terms: list[TermOut]
    other_terms: float
    member: str | None = None


class MarkOut(BaseModel):
    """Characters `start` to `end` of the cleaned text's field add `contribution` to a score."""

    field: Literal["title", "body"]
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]
    contribution: float


class ThresholdOut(BaseModel):
    """A threshold, or what lacks to it, as a score and as the probability that belongs to it."""

    score: float
    probability: float


class TagReasonsOut(TagOut):
    """A tag, and why it was given or why not."""

    evidence: EvidenceOut
    threshold: ThresholdOut | None
    missing: ThresholdOut | None
    why: str
    asked: bool
    marks: list[MarkOut]


class EventReasonsOut(EventTypeOut):
    """The event type, and why; the group's reasons are there where both are known."""

    evidence: EvidenceOut
    marks: list[MarkOut]
    group_evidence: EvidenceOut | None = None
    group_marks: list[MarkOut] | None = None


class EventAloneOut(EventReasonsOut):
    """An event type, or a group, that was not given or was asked about, and why: `needed` is the probability from which
    on the most probable one is given.
    """

    needed: Annotated[float, Field(ge=0, le=1)] | None
    why: str


class TextOut(BaseModel):
    """The cleaned text, which marks are places in."""

    title: str
    body: str


class NeighbourOut(BaseModel):
    """A training article that is like this one, and what it was labelled with; null is "not annotated"."""

    id: str
    title: str
    date: str | None
    similarity: Annotated[float, Field(ge=0, le=1)]
    tags: list[str] | None
    event_type: str | None


class ExplanationOut(BaseModel):
    """A prediction with its reasons, and the text that they stand in."""

    model_config = shown(examples.EXPLANATION)

    id: str
    title: str
    event_type: EventReasonsOut | None
    nearest_event: EventAloneOut | None
    asked_events: list[EventAloneOut]
    tags: list[TagReasonsOut]
    model: str
    neighbours: list[NeighbourOut] | None
    text: TextOut


class FeedbackOut(BaseModel):
    """That an answer is on disk: of which article, and whether its text was kept."""

    model_config = shown(examples.FEEDBACK_KEPT)

    article: str
    model: str
    time: str
    text_kept: bool


class TagLabelOut(BaseModel):
    """A tag that the model can say, its other names, and in how many training articles it is, where that is known.

    One that is `by_name` has no weights of its own: it is found where its name is mentioned.
    """

    tag: str
    aliases: list[str]
    articles: int | None
    by_name: bool


class EventLabelOut(BaseModel):
    """An event type that the model can say, or where `type` is null a group; the definition is empty if not known."""

    type: str | None
    group: str | None
    definition: str
    aliases: list[str]


class LabelsOut(BaseModel):
    """What the model can say, or what of it matches; `total` counts the tags that do."""

    model_config = shown(examples.LABELS)

    model: str
    total: int
    tags: list[TagLabelOut]
    event_types: list[EventLabelOut]


class SelfTestOut(BaseModel):
    """The model file's own sentences got the scores that they must get; a model that fails is never served."""

    state: Literal["passed"]
    sentences: int
    time: str


class LimitsOut(BaseModel):
    """What one request may ask for: bytes of its body, articles, characters of one article, seconds; and how many
    requests are worked at or wait at once.
    """

    body: int
    articles: int
    text: int
    seconds: float
    requests: int


class ModelOut(BaseModel):
    """Which model answers, and what its file says of it: the facts of its card."""

    model_config = shown(examples.MODEL)

    digest: str
    format: int
    slugline: str
    libraries: dict[str, str]
    labels: dict[str, int]
    corpus: dict[str, Any]
    metrics: dict[str, Any]
    self_test: SelfTestOut
    limits: LimitsOut
    feedback: bool


class ErrorDetail(BaseModel):
    """`code` is for programs and stays; `message` is for people; `field` is what is at fault, where that is known."""

    code: str
    message: str
    field: str | None


class ErrorOut(BaseModel):
    """What every error looks like."""

    model_config = shown(examples.ERROR)

    error: ErrorDetail


class HealthOut(BaseModel):
    """That the server answers."""

    model_config = shown({"status": "ok"})

    status: Literal["ok"]
