"""The JSON that is sent to the REST API, with examples."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from slugline.article import Article
from slugline.feedback import EventAnswer
from slugline.serve import examples

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"\S")]
"""A tag, or an event type."""


def taken(example: Any, **more: Any) -> ConfigDict:
    """The configuration of what is sent: a field that is not known is a mistake, and said to be one."""
    return ConfigDict(extra="forbid", strict=True, json_schema_extra={"examples": [example], **more})


class ArticleIn(BaseModel):
    """One article: a title, a body, or both, as plain text. How long it may be is in /v1/model under `limits`."""

    model_config = taken(examples.ARTICLE, anyOf=[{"required": ["title"]}, {"required": ["body"]}])

    id: Annotated[
        str, Field(max_length=200, description="Comes back in the answer; if empty, the article's number.")
    ] = ""
    title: Annotated[str, Field(description="The headline.")] = ""
    body: Annotated[str, Field(description="The text, its paragraphs separated by blank lines.")] = ""

    @model_validator(mode="after")
    def _text(self) -> Self:
        if self.model_fields_set.isdisjoint(("title", "body")):
            raise ValueError("a title or a body is expected")
        return self

    def article(self, number: int = 1) -> Article:
        """As the package has it."""
        return Article(self.id or str(number), self.title, self.body)


class TagAnswers(BaseModel):
    """What somebody said of an article's tags.

    `complete` says that it has no others than the accepted and the added ones.
    """

    model_config = taken({"accepted": ["Syria"], "rejected": ["Weather"], "added": ["Aleppo"], "complete": True})

    accepted: Annotated[list[Name], Field(max_length=1000)] = []
    rejected: Annotated[list[Name], Field(max_length=1000)] = []
    added: Annotated[list[Name], Field(max_length=1000)] = []
    complete: bool = False


class EventAnswerIn(BaseModel):
    """What somebody said of an article's event type: one of these, as in the log of feedback.

    `accepted`: it is this type, as the model said; `corrected`: it is this type, which the model did not say; in both,
    null is "no type fits". `rejected`: it is not this type, and what it is instead was not said.
    """

    model_config = taken({"accepted": "armed_conflict"}, minProperties=1, maxProperties=1)

    accepted: Name | None = None
    corrected: Name | None = None
    rejected: Name | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("one of accepted, corrected and rejected is expected")
        return self

    def answer(self) -> EventAnswer:
        """As the log has it."""
        (kind,) = self.model_fields_set
        return EventAnswer(kind, getattr(self, kind))


class FeedbackIn(BaseModel):
    """One answer of one person about one article."""

    model_config = taken(examples.FEEDBACK)

    article: ArticleIn
    tags: TagAnswers = TagAnswers()
    event_type: EventAnswerIn | None = None
    who: Annotated[str, Field(max_length=200, description="If empty, the name that was given with the token.")] = ""
    model: Annotated[
        str | None,
        Field(pattern="^sha256:[0-9a-f]{64}$", description="Whose prediction was judged; if not given, this model."),
    ] = None
