"""The server: its routes, its limits and its state put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from slugline import __version__
from slugline.serve import api, page
from slugline.serve.errors import add_handlers
from slugline.serve.gate import Gate
from slugline.serve.guard import Guard
from slugline.serve.methods import Head
from slugline.serve.metrics import Metrics
from slugline.serve.model import Served
from slugline.serve.openapi import describe
from slugline.serve.settings import Settings
from slugline.serve.state import State
from slugline.serve.watch import Watch
from slugline.serve.work import Work

ROUTERS = (api.router, page.router)
PATHS = frozenset(
    path for router in ROUTERS for route in router.routes if "{" not in (path := getattr(route, "path", "{"))
)
"""The addresses that have nothing in them that a caller chooses."""

_QUICK = 2
"""Threads of `State.quick`. One that waits for the disk leaves the other."""


def create_app(settings: Settings) -> FastAPI:
    """The ASGI application. Opens the model: raises ModelFileError."""
    metrics = Metrics()
    served = Served(settings.model, on_change=metrics.model)
    limits = settings.limits
    work = Work(limits.threads, waiting=limits.requests, seconds=limits.wait)
    quick = Work(_QUICK, waiting=limits.requests, seconds=limits.wait, name="quick")
    state = State(settings, served, work, quick, metrics)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        state.work.close()
        state.quick.close()

    app = FastAPI(
        title="Slugline",
        version=__version__,
        summary="Tags and event types for news articles",
        # Those pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.slugline = state
    add_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    # The last one added is the outermost.
    app.add_middleware(Head)
    app.add_middleware(Gate, limits=limits)
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Watch, metrics=metrics, paths=PATHS)
    describe(app, token=settings.token is not None)
    return app
