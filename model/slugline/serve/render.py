"""Templates to pages, with what every page shows; and the page that says what is wrong."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from slugline.serve.state import state_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import Scope

_PROGRAMS = ("/v1/", "/healthz", "/metrics", "/openapi.json")
_HEADINGS = {401: "Not signed in", 403: "Refused", 404: "Not found", 408: "Too slow", 413: "Too large", 503: "Busy"}


def render(
    request: Request,
    template: str,
    context: Mapping[str, Any],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """A page of `template`, everything in `context` escaped."""
    state = state_of(request)
    digest = state.served.digest
    model = {"name": state.settings.model.stem, "digest": digest, "short": digest.removeprefix("sha256:")[:10]}
    made = _environment().get_template(template).render({"root": root(request), "model": model, **context})
    return HTMLResponse(made, status, headers)


def root(request: Request) -> str:
    """What stands before every address, where a proxy serves this server below one."""
    found: str = request.scope.get("root_path", "")
    return found.rstrip("/")


def wants_page(scope: Scope) -> bool:
    """Whether a request is a browser's for a page, and not a program's."""
    if scope["path"].startswith(_PROGRAMS) or "app" not in scope:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def problem(scope: Scope, status: int, text: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """The page that says what is wrong."""
    said = text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")
    # Who may not call is told nothing of the model.
    context = {"here": "", "heading": _HEADINGS.get(status, "That did not work"), "text": said, "model": None}
    return render(Request(scope), "problem.html", context, status, headers)


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("slugline.serve"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
