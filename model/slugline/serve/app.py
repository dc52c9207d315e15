"""The server: its routes, its limits and its state put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from slugline import __version__
from slugline.serve import api
from slugline.serve.errors import add_handlers
from slugline.serve.model import Served
from slugline.serve.settings import Settings
from slugline.serve.state import State
from slugline.serve.work import Work


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. Opens the model: raises ModelFileError."""
    state = State(settings, Served(settings.model), Work(settings.limits.threads))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        state.work.close()

    app = FastAPI(
        title="Slugline",
        version=__version__,
        summary="Tags and event types for news articles",
        # Those pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.slugline = state
    add_handlers(app)
    app.include_router(api.router)
    return app
