"""What a server answers when it cannot do what was asked: one JSON object for every error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "too_large",
    415: "unsupported_media_type",
    421: "misdirected_request",
    422: "invalid",
    500: "internal_error",
    503: "busy",
    504: "timeout",
}
"""The error code of a status that has no better one."""

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
        self.code = code or CODES[status]
        self.field = field

    def response(self) -> JSONResponse:
        """The answer that says so."""
        content = {"error": {"code": self.code, "message": self.detail, "field": self.field}}
        return JSONResponse(content, self.status_code, self.headers)


def add_handlers(app: FastAPI) -> None:
    """Let `app` answer every error in the same way."""

    async def answer_http(_: Request, error: Exception) -> JSONResponse:
        if isinstance(error, ApiError):
            return error.response()
        assert isinstance(error, HTTPException)
        code = CODES.get(error.status_code, "error")
        said = ApiError(error.status_code, str(error.detail), code=code, headers=error.headers)
        return said.response()

    async def answer_invalid(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        return invalid(error.errors()).response()

    async def answer_unexpected(_: Request, __: Exception) -> JSONResponse:
        return ApiError(500, "internal error; the server's log names its kind").response()

    app.add_exception_handler(HTTPException, answer_http)
    app.add_exception_handler(RequestValidationError, answer_invalid)
    app.add_exception_handler(Exception, answer_unexpected)


def invalid(errors: Sequence[Any]) -> ApiError:
    """The first of pydantic's `errors`, without the value that was found: it may be long, and is the caller's own."""
    first = errors[0]
    place = [str(part) for part in first["loc"] if part != "body"]
    place = [part if len(part) <= _LONGEST_NAME else part[:_LONGEST_NAME] + "…" for part in place]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return ApiError(422, first["msg"] + more, field=".".join(place) or None)
