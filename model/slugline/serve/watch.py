"""What is around every request: its line in the log, its figures, the headers of its answer, its unexpected error."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Collection
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slugline.serve.errors import ERROR_KEY, internal
from slugline.serve.metrics import Metrics

ACCESS = logging.getLogger("slugline.serve.access")
"""One line for each request: method, path, status, milliseconds. Never what was sent or asked for."""

ERRORS = logging.getLogger("slugline.serve.error")
"""Unexpected errors: their kind and where they were raised."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The Content-Security-Policy of every answer: nothing from elsewhere, and nothing written into a page."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"})


class Watch:
    """Around the whole server, so that nothing it answers is without these headers and nothing goes unseen."""

    def __init__(self, app: ASGIApp, metrics: Metrics, paths: Collection[str] = ()) -> None:
        """`paths` are addresses that may be named though a request was refused before its route was known."""
        self.app = app
        self.metrics = metrics
        self.paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                add_headers(MutableHeaders(scope=message))
            await send(message)

        with self.metrics.inside.track_inprogress():
            try:
                await self.app(scope, receive, sending)
            except Exception as error:
                ERRORS.error("%s", described(error))
                if not status:
                    await internal().response(scope)(scope, receive, sending)
        seconds = time.perf_counter() - began
        method, path = scope["method"] if scope["method"] in _METHODS else "OTHER", self._path(scope)
        self.metrics.request(method, path, status, seconds, scope.get(ERROR_KEY))
        ACCESS.info("%s %s %d %.1f ms", method, path, status, 1000 * seconds)

    def _path(self, scope: Scope) -> str:
        """The pattern of the address that was called; never what a caller wrote into it."""
        route: Any = scope.get("route")
        pattern = getattr(route, "path", None)
        if pattern:
            return str(pattern)
        return scope["path"] if scope["path"] in self.paths else "(unknown)"


def add_headers(headers: MutableHeaders) -> None:
    """Give an answer the headers that keep browsers from doing what it is not meant for."""
    headers.update(HEADERS)
    # A page whose forms say nothing of where they come from could not be told from another web site's.
    page = headers.get("content-type", "").startswith("text/html")
    headers["Referrer-Policy"] = "same-origin" if page else "no-referrer"
    headers.setdefault("Cache-Control", "no-store")


def headers_of(content_type: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer that no application made."""
    headers = MutableHeaders({"content-type": content_type})
    add_headers(headers)
    return headers.raw


def described(error: BaseException) -> str:
    """An error's kind and the lines of code it came through, without its message, which may hold an article's text."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + "".join(f" < {frame.filename}:{frame.lineno} {frame.name}" for frame in frames[::-1])
