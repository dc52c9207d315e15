"""The errors that each kind of route may answer with, as OpenAPI lists them."""

from __future__ import annotations

from typing import Any

from slugline.serve.schemas import ErrorOut

Responses = dict[int | str, dict[str, Any]]

_SAID = {
    400: "The body is not JSON.",
    401: "The token is missing or wrong.",
    403: "The request comes from the page of another web site.",
    404: "There is no such thing.",
    405: "The address does not take this method.",
    408: "The body did not come in time.",
    409: "The answer contradicts itself.",
    413: "The body, the batch or a text is too large.",
    415: "The body does not say that it is JSON.",
    421: "The server is not called so.",
    422: "A field is missing, unknown, of the wrong type or out of range.",
    500: "An error of the server.",
    503: "Too many requests at once; Retry-After says when to come back.",
    504: "The work took too long.",
}


def _listed(*numbers: int) -> Responses:
    return {number: {"model": ErrorOut, "description": _SAID[number]} for number in numbers}


READ = _listed(401, 405, 421, 422, 500)
"""Of routes that only tell something."""

LOOKED_UP = READ | _listed(503)
"""Of routes that look something up in a thread, and may have to wait for one."""

ASKED = _listed(*_SAID)
"""Of routes that take a body."""
