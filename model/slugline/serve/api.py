"""The JSON routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from slugline.serve.schemas import ArticleIn, ErrorOut, HealthOut, ModelOut, PredictionOut
from slugline.serve.state import state_of

router = APIRouter(responses={422: {"model": ErrorOut}})


@router.get("/healthz")
async def healthz() -> HealthOut:
    """Whether the server answers."""
    return HealthOut(status="ok")


@router.post("/v1/predict", response_model=PredictionOut | list[PredictionOut])
async def predict(
    request: Request, body: ArticleIn | list[ArticleIn], top: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """Tags and event type of an article, or of each of a list."""
    state = state_of(request)
    given = body if isinstance(body, list) else [body]
    articles = [item.article(number) for number, item in enumerate(given, 1)]
    predictor = state.served.predictor
    lines = await state.work.run(
        lambda: [line for part in predictor.predict_lines(articles, top=top) for line in part.splitlines()]
    )
    text = "[" + ",\n".join(lines) + "]" if isinstance(body, list) else lines[0]
    return Response(text.encode(), media_type="application/json")


@router.get("/v1/model")
async def model(request: Request) -> ModelOut:
    """Which model answers, and what its file says of it."""
    bundle = state_of(request).served.predictor.bundle
    return ModelOut(digest=bundle.digest, corpus=bundle.manifest.corpus, metrics=bundle.manifest.metrics)
