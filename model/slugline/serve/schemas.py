"""The JSON of the REST API, both ways, with examples."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from slugline.article import Article

_ARTICLE: Any = {
    "id": "2011-08-20-1",
    "title": "Rebels seize the airport",
    "body": "Syrian rebels said on Monday that they had taken the airport of Aleppo.\n\nThe army denied it.",
}
_PREDICTION: Any = {
    "id": "2011-08-20-1",
    "title": "Rebels seize the airport",
    "event_type": {
        "type": "armed_conflict",
        "group": "Armed conflicts and attacks",
        "probability": 0.9312,
        "group_probability": 0.9744,
    },
    "tags": [{"tag": "Syria", "probability": 0.9816, "decided": True}],
    "model": "sha256:0f3a",
}
_ERROR: Any = {"error": {"code": "invalid", "message": "Input should be a valid string", "field": "0.body"}}


class ArticleIn(BaseModel):
    """One article. At least a title or a body is given; both may be empty."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [_ARTICLE], "anyOf": [{"required": ["title"]}, {"required": ["body"]}]},
    )

    id: Annotated[str, Field(max_length=200, description="Comes back in the answer; its number where not given.")] = ""
    title: Annotated[str, Field(description="The headline, plain text.")] = ""
    body: Annotated[str, Field(description="The text, plain, its paragraphs separated by blank lines.")] = ""

    def article(self, number: int) -> Article:
        """As the package has it; without an id, `number` is its id."""
        return Article(self.id or str(number), self.title, self.body)


class EventTypeOut(BaseModel):
    """The event type decided on; `type` is null where the model knows groups only, or abstained from the type."""

    type: str | None
    group: str | None
    probability: Annotated[float, Field(ge=0, le=1)]
    group_probability: Annotated[float, Field(ge=0, le=1)] | None


class TagOut(BaseModel):
    """One tag, its calibrated probability, and whether the model decided on it."""

    tag: str
    probability: Annotated[float, Field(ge=0, le=1)]
    decided: bool


class PredictionOut(BaseModel):
    """What the model says of one article: the object that `slugline predict --format jsonl` writes."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PREDICTION]})

    id: str
    title: str
    event_type: EventTypeOut | None
    tags: list[TagOut]
    model: str


class ErrorDetail(BaseModel):
    """`code` is for programs and stays; `message` is for people; `field` is what is at fault, where that is known."""

    code: str
    message: str
    field: str | None


class ErrorOut(BaseModel):
    """What every error looks like."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ERROR]})

    error: ErrorDetail


class HealthOut(BaseModel):
    """That the server answers."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})

    status: str


class ModelOut(BaseModel):
    """Which model answers, and what its file says of it."""

    digest: str
    corpus: dict[str, Any]
    metrics: dict[str, Any]
    created: dt.date | None = None
