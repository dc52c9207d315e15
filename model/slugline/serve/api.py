"""The JSON routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import Discriminator, Tag

from slugline.asked import UnknownNameError
from slugline.errors import CorpusError, OutputError
from slugline.explanation_json import explanation_json
from slugline.feedback import Feedback, append
from slugline.serve.asking import check_articles, check_text, lane, predict_json
from slugline.serve.errors import ApiError
from slugline.serve.facts import labels_json, model_json
from slugline.serve.guard import USER_KEY
from slugline.serve.json_route import JsonRoute
from slugline.serve.metrics import CONTENT_TYPE
from slugline.serve.responses import ASKED, LOOKED_UP, READ
from slugline.serve.schemas import ExplanationOut, FeedbackOut, HealthOut, LabelsOut, ModelOut, PredictionOut
from slugline.serve.schemas_in import ArticleIn, FeedbackIn, Name
from slugline.serve.state import state_of
from slugline.serve.watch import ERRORS
from slugline.serve.work import Stop

router = APIRouter(route_class=JsonRoute)

Top = Annotated[
    int | None,
    Query(ge=1, le=1000, description="The so many most probable tags, decided or not, instead of the decided ones."),
]
Body = Annotated[
    Annotated[ArticleIn, Tag("one")] | Annotated[list[ArticleIn], Tag("many")],
    Discriminator(lambda found: "many" if isinstance(found, list) else "one"),
]


@router.post(
    "/v1/predict", response_model=PredictionOut | list[PredictionOut], responses=ASKED, summary="Predict articles"
)
async def predict(request: Request, body: Body, top: Top = None) -> Response:
    """Tags and event type of one article, or of each article of a list, in its order."""
    state = state_of(request)
    given = body if isinstance(body, list) else [body]
    articles = [item.article(number) for number, item in enumerate(given, 1)]
    check_articles(articles, state.settings.limits)
    predictor = state.served.predictor
    found = await lane(state, articles).run(lambda stop: predict_json(predictor, articles, top, stop))
    state.metrics.articles("/v1/predict", len(articles))
    text = "[" + ",\n".join(found) + "]" if isinstance(body, list) else found[0]
    return Response(text.encode(), media_type="application/json")


@router.post("/v1/explain", response_model=ExplanationOut, responses=ASKED, summary="Explain one article")
async def explain(
    request: Request,
    body: ArticleIn,
    top: Top = None,
    tag: Annotated[
        list[Name] | None, Query(max_length=50, description="Tags to explain as well, decided or not: why not?")
    ] = None,
    event_type: Annotated[
        list[Name] | None, Query(max_length=50, description="Event types, or groups, to explain as well.")
    ] = None,
) -> Response:
    """The prediction of one article with the words for and against, and where they stand in its text."""
    state = state_of(request)
    article = body.article()
    check_text(article, state.settings.limits, "body")
    predictor = state.served.predictor

    def explained(_: Stop) -> bytes:
        try:
            found = predictor.explain(article, tags=tag or [], types=event_type or [], top=top)
        except UnknownNameError as error:
            field = error.noun.replace(" ", "_")
            text = f"{error.message}; perhaps {error.expected}"
            raise ApiError(404, text, code=f"unknown_{field}", field=field) from error
        # Of a long text this is megabytes: not for the thread that talks to callers.
        return explanation_json(found).encode()

    found = await state.work.run(explained)
    state.metrics.articles("/v1/explain", 1)
    return Response(found, media_type="application/json")


@router.post(
    "/v1/feedback", response_model=FeedbackOut, status_code=201, responses=ASKED, summary="Keep what somebody says"
)
async def feedback(request: Request, body: FeedbackIn) -> Response:
    """Append one answer about one article to the server's log; it is on disk when this answers."""
    state = state_of(request)
    log, keep_text = state.settings.feedback, state.settings.keep_text
    if log is None:
        raise ApiError(404, "no feedback is kept; start the server with --feedback LOG", code="feedback_off")
    article = body.article.article()
    check_text(article, state.settings.limits, "article.body")

    def kept(_: Stop) -> Feedback:
        try:
            answer = Feedback.of(
                article,
                model=body.model or state.served.digest,
                who=body.who or request.scope.get(USER_KEY, "")[:200],
                accepted=body.tags.accepted,
                rejected=body.tags.rejected,
                added=body.tags.added,
                complete=body.tags.complete,
                event_type=None if body.event_type is None else body.event_type.answer(),
                keep_text=keep_text,
            )
        except CorpusError as error:
            raise ApiError(409, error.message, code="contradiction", field=error.field) from error
        try:
            append(log, answer)
        except OutputError as error:
            ERRORS.error("feedback: %s", error)
            raise ApiError(500, "the log of feedback " + error.message, code="feedback_unwritten") from error
        return answer

    answer = await lane(state, [article]).run(kept)
    state.metrics.answer()
    said = {"article": answer.digest, "model": answer.model, "time": answer.time, "text_kept": keep_text}
    return JSONResponse(said, 201)


@router.get("/v1/model", responses=READ, summary="The model that answers")
async def model(request: Request) -> ModelOut:
    """The model's digest, the facts of its card, its measured quality, its self-test, and this server's limits."""
    return model_json(state_of(request))


@router.get("/v1/labels", responses=LOOKED_UP, summary="What the model can say")
async def labels(
    request: Request,
    q: Annotated[str, Query(max_length=200, description="What a name or an alias begins with, or contains.")] = "",
    limit: Annotated[int, Query(ge=1, le=10_000, description="Tags in one answer.")] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000, description="Tags to pass over.")] = 0,
) -> LabelsOut:
    """Tags and event types with their definitions and other names; with `q`, those that complete it, best first."""
    state = state_of(request)
    return await state.quick.run(lambda _: labels_json(state.served, q, limit, offset))


@router.get("/healthz", responses=READ, summary="Whether the server answers")
async def healthz() -> HealthOut:
    """Answers without a token, also when the server is busy."""
    return HealthOut(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses=READ | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Figures"}},
    summary="Figures for Prometheus",
)
async def metrics(request: Request) -> Response:
    """Requests, seconds, articles, errors and the model. No text, and no names of callers."""
    return Response(state_of(request).metrics.text(), media_type=CONTENT_TYPE)
