"""Routes that take JSON, and only what JSON is by its standard."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from slugline.json_text import NestedTooDeeplyError, loads
from slugline.serve.errors import ApiError
from slugline.serve.methods import SAFE


class JsonRoute(APIRoute):
    """A route whose body, where it takes one, is UTF-8 JSON: without NaN, without halves of surrogate pairs, and not
    nested without end. What else comes is refused with a line that says so.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """As FastAPI has it."""
        handle = super().get_route_handler()

        async def handle_json(request: Request) -> Response:
            if request.method not in SAFE:
                check_type(request.headers.get("content-type", ""))
                request = _JsonRequest(request.scope, request.receive)
                if not await request.body():
                    raise ApiError(400, "the body is empty; JSON is expected", code="invalid_json", field="body")
            return await handle(request)

        return handle_json


class _JsonRequest(Request):
    async def json(self) -> Any:
        return parse(await self.body())


def check_type(content_type: str) -> None:
    """Raise ApiError where a body says that it is not JSON in UTF-8."""
    if content_type == "application/json":
        # As nearly everybody sends it.
        return
    header = Message()
    header["Content-Type"] = content_type
    charset = header.get_param("charset", "utf-8")
    if header.get_content_type() != "application/json" or str(charset).lower() not in ("utf-8", "utf8", "us-ascii"):
        raise ApiError(415, "the body is not JSON; send Content-Type: application/json", field="Content-Type")


def parse(body: bytes) -> Any:
    """The value of a JSON text. Raises ApiError."""
    try:
        text = body.decode("utf-8")
        found = loads(text, parse_constant=_not_json)
        # Only an escape can make half a pair; looking for one is quicker than looking at all strings.
        if "\\u" in text:
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeDecodeError as error:
        raise _bad(f"not UTF-8 at byte {error.start}") from error
    except UnicodeEncodeError as error:
        raise _bad("half of a surrogate pair stands alone, which is no text") from error
    except json.JSONDecodeError as error:
        raise _bad(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except ValueError as error:
        raise _bad(
            str(error) if type(error) in (_NotJsonError, NestedTooDeeplyError) else "a number is too long"
        ) from error
    return found


class _NotJsonError(ValueError):
    pass


def _not_json(name: str) -> None:
    raise _NotJsonError(f"not JSON: {name} is no number")


def _bad(message: str) -> ApiError:
    return ApiError(400, message, code="invalid_json", field="body")
