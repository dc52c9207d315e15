"""What a server answers when it cannot do what was asked: one JSON object for every error, to a browser a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import Scope

from slugline.serve.render import problem, wants_page
from slugline.serve.work import BusyError

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
    421: "unknown_host",
    422: "invalid",
    500: "internal_error",
    503: "busy",
    504: "timeout",
}
"""The error code of a status that has no better one."""

ERROR_KEY = "slugline.error"
"""Where a request's scope has the code of its error, for the metrics."""

_LONGEST_NAME = 60


class ApiError(HTTPException):
    """An error with a `code` for programs, a message for people, and the `field` at fault where there is one."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, message, dict(headers) if headers else None)
        self.code = code or CODES.get(status, "error")
        self.field = field

    def response(self, scope: Scope) -> Response:
        """The answer that says so, as JSON or as a page; the request's `scope` remembers its code."""
        scope[ERROR_KEY] = self.code
        if wants_page(scope):
            return problem(scope, self.status_code, self.detail, self.headers)
        content = {"error": {"code": self.code, "message": self.detail, "field": self.field}}
        return JSONResponse(content, self.status_code, self.headers)


def busy(why: str) -> ApiError:
    """The answer to who cannot be served now and may well be in a second."""
    return ApiError(503, f"too busy: {why}; try again", headers={"Retry-After": "1"})


def internal() -> ApiError:
    """The error that nobody expected. What it was is in the log, without its message, which may hold text."""
    return ApiError(500, "internal error; the server's log says where")


def add_handlers(app: FastAPI) -> None:
    """Let `app` answer every expected error in the same way; `watch.Watch` answers the others."""

    async def answer_http(request: Request, error: Exception) -> Response:
        if isinstance(error, ApiError):
            return error.response(request.scope)
        assert isinstance(error, HTTPException)
        said = {404: "there is nothing here", 405: "this address does not take this method"}
        message, headers = said.get(error.status_code, str(error.detail)), dict(error.headers or {})
        if headers.get("Allow") == "GET":
            # Routes do not know that HEAD is answered too.
            headers["Allow"] = "GET, HEAD"
        return ApiError(error.status_code, message, headers=headers).response(request.scope)

    async def answer_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return invalid(error.errors()).response(request.scope)

    async def answer_busy(request: Request, error: Exception) -> Response:
        return busy(str(error)).response(request.scope)

    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(BusyError, answer_busy)
    app.add_exception_handler(RequestValidationError, answer_invalid)


def invalid(errors: Sequence[Any]) -> ApiError:
    """The first of pydantic's `errors`, without the value that was found: it may be long, and is the caller's own."""
    first = errors[0]
    # Where it begins is said by the message; the names of alternatives are no part of what was sent.
    place = [str(part) for part in first["loc"][1:] if part not in ("one", "many")]
    place = [part if len(part) <= _LONGEST_NAME else part[:_LONGEST_NAME] + "…" for part in place]
    message = first["msg"][:1].lower() + first["msg"][1:]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ApiError(422, message + more, field=".".join(place) or None)
