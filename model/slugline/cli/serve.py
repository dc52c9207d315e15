"""`slugline serve`: the REST API and the web page."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Annotated

import typer

from slugline.cli import console, options
from slugline.cli.model import find_model
from slugline.errors import MissingExtraError, OutputError

_NEEDED = frozenset({"fastapi", "starlette", "uvicorn", "pydantic", "prometheus_client", "jinja2", "multipart"})


def serve(
    model: options.Model = None,
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 is every one of this computer.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port; 0 takes a free one.")] = 8000,
    feedback: Annotated[
        Path | None, typer.Option(metavar="LOG", help="Keep what people say of predictions in this file.")
    ] = None,
    keep_text: Annotated[
        bool, typer.Option("--keep-text", help="Keep the articles' text in the log of feedback too.")
    ] = False,
    no_reload: Annotated[
        bool, typer.Option("--no-reload", help="Do not look whether the model file was replaced.")
    ] = False,
    no_token: Annotated[
        bool, typer.Option("--no-token", help="Let every computer that reaches --host call without SLUGLINE_TOKEN.")
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A name under which the server is called, as behind a proxy; repeatable."),
    ] = None,
    max_body: Annotated[int, typer.Option(min=1, metavar="MB", help="A request's body.")] = 8,
    max_articles: Annotated[int, typer.Option(min=1, help="Articles in one request.")] = 1000,
    max_characters: Annotated[int, typer.Option(min=1, help="Characters of one article.")] = 200_000,
    max_seconds: Annotated[float, typer.Option(min=0.1, help="Seconds for one request.")] = 30.0,
    max_requests: Annotated[
        int, typer.Option(min=1, help="Requests worked at or waiting at once; more are told to come back.")
    ] = 32,
    max_wait: Annotated[float, typer.Option(min=0.1, help="Seconds that a request waits for its turn.")] = 5.0,
    max_head: Annotated[
        float, typer.Option(min=0.1, help="Seconds for a request's headers, and for a caller to take of an answer.")
    ] = 10.0,
    max_idle: Annotated[float, typer.Option(min=0.1, help="Seconds between two requests of a connection.")] = 30.0,
    max_connections: Annotated[
        int, typer.Option(min=1, help="Open connections; the one that is slowest makes room for a new one.")
    ] = 512,
    threads: Annotated[int | None, typer.Option(min=1, help="Threads that predict; as many as processors.")] = None,
) -> None:
    """Serve a model: a REST API and a web page, for this computer alone unless told otherwise.

    With SLUGLINE_TOKEN in the environment, every caller needs that token; so does a server that other computers reach.
    """
    try:
        from slugline.serve.run import serve as run
        from slugline.serve.settings import TOKEN_VARIABLE, Limits, Settings
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        raise MissingExtraError("slugline serve", "serve") from error
    more = {} if threads is None else {"threads": threads}
    limits = Limits(
        body=max_body << 20,
        articles=max_articles,
        text=max_characters,
        seconds=max_seconds,
        requests=max_requests,
        wait=max_wait,
        head=max_head,
        idle=max_idle,
        connections=max_connections,
        **more,
    )
    settings = Settings(
        find_model(model),
        host,
        port,
        os.environ.get(TOKEN_VARIABLE) or None,
        tuple(allow_host or ()),
        feedback,
        keep_text,
        limits,
        not no_reload,
    )
    settings.check(no_token=no_token)
    if feedback is not None:
        _check_log(feedback)
    _log_to_stderr()
    run(settings, on_ready=lambda address: console.err(f"slugline: serving at {address} (Ctrl-C ends it)"))


def _check_log(path: Path) -> None:
    """Raise OutputError now if nothing could be added to the log."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab"):
            pass
    except OSError as error:
        raise OutputError(f"cannot write ({error.strerror})", file=path) from error


def _log_to_stderr() -> None:
    """One line for each request and each error; of the server below, only what is wrong."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%d %H:%M:%S"))
    for name, level in (("slugline.serve", logging.INFO), ("uvicorn.error", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
    # It would say what bytes of a form it did not understand.
    logging.getLogger("python_multipart").setLevel(logging.CRITICAL)
