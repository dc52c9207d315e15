"""A server from its first address to its last answer."""

from __future__ import annotations

import math
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from types import FrameType

import uvicorn

from slugline.errors import SluglineError
from slugline.serve.app import create_app
from slugline.serve.connection import Connection
from slugline.serve.reloading import following, reload
from slugline.serve.settings import Settings
from slugline.serve.state import State

_ENDINGS = (signal.SIGTERM, signal.SIGINT)

_BACKLOG = 128
"""Connections that may wait to be taken. So many are taken at once: who leaves again is to be seen before more come."""

_OTHER_FILES = 64
"""Files that are open beside the connections."""

_SWITCH = 0.001
"""Seconds after which a thread that computes lets another go on. The one that talks to callers waits so long after each
thing that it does; with Python's 5 ms, everything takes longer (measured: experiments/benchmarks/serving.py).
"""


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `serve`, which has handlers for them before and after this runs."""
        yield


def serve(settings: Settings, on_ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or Ctrl-C; then take no more requests, finish those that have begun, and return.

    A second of these signals ends the process at once. `on_ready` is told the address. A model file that was replaced
    is read again, unless the settings say otherwise; and so it is on SIGHUP where the server has no terminal (where it
    has one, that ends the server as SIGTERM does). Raises
    ModelFileError, OutputError, or SluglineError where the address cannot be had.
    """
    app = create_app(settings)
    state: State = app.state.slugline
    limits = settings.limits
    listening = listen(settings.host, settings.port)
    config = uvicorn.Config(
        app,
        http=partial(Connection, limits=limits, metrics=state.metrics),  # type: ignore[arg-type]
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        # The address of a caller is neither logged nor trusted.
        proxy_headers=False,
        backlog=_BACKLOG,
        timeout_keep_alive=limits.idle,  # type: ignore[arg-type]
        timeout_graceful_shutdown=math.ceil(limits.seconds) + 1,
    )
    server = _Server(config)

    def end(_number: int, _frame: FrameType | None) -> None:
        server.should_exit = True
        # Whoever says it again does not want to wait.
        for number in _ENDINGS:
            signal.signal(number, signal.SIG_DFL)

    def again(_number: int, _frame: FrameType | None) -> None:
        threading.Thread(target=reload, args=(state.served,)).start()

    for number in _ENDINGS:
        signal.signal(number, end)
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, end if sys.stderr.isatty() else again)
    sys.setswitchinterval(_SWITCH)
    _allow_files(limits.connections + _OTHER_FILES)
    with listening, following(state.served) if settings.follow_model else nullcontext():
        on_ready(_address(listening, settings.host))
        server.run(sockets=[listening])


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises SluglineError."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, address = found[0]
        # With its protocol named, for asyncio sends at once (TCP_NODELAY) only where it knows that it is TCP: an answer
        # would wait 40 ms for the caller's acknowledgement of its head.
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except (OSError, OverflowError, UnicodeError) as error:
        said = getattr(error, "strerror", None) or error
        raise SluglineError(f"cannot listen at {host}, port {port} ({said})") from error
    return listening


def _allow_files(count: int) -> None:
    """Let this process open so many files, as far as it may; where fewer are usual (macOS: 256), connections fail."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < count:
            most = count if hard == resource.RLIM_INFINITY else min(count, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _address(listening: socket.socket, host: str) -> str:
    port = listening.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
