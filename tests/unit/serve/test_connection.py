"""Whose connection makes room, and what is still answered at the end; over real sockets, in one loop."""

from __future__ import annotations

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

pytest.importorskip("uvicorn", reason="the extra serve is not installed")

import uvicorn

from slugline.serve import connection
from slugline.serve.connection import Connection
from slugline.serve.metrics import Metrics
from slugline.serve.settings import Limits

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Application:
    """Answers when it is told to."""

    def __init__(self) -> None:
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def __call__(self, scope, receive, send) -> None:
        self.begun.set()
        await self.go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


async def served(call, **limits) -> None:
    """`call(application, server, connect)` while a server with these limits runs."""
    application = Application()
    chosen = partial(Connection, limits=Limits(**limits), metrics=Metrics())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application, http=chosen, lifespan="off", log_config=None))
        running = asyncio.create_task(server._serve([listening]))
        port = listening.getsockname()[1]
        async with asyncio.timeout(60):
            while not server.started:
                await asyncio.sleep(0.01)
            await call(application, server, partial(asyncio.open_connection, "127.0.0.1", port))
            server.should_exit = True
            await running


def run(work) -> None:
    """Do it in a thread of its own: in this one, tests in a browser may have a loop that runs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def test_a_connection_that_is_being_answered_makes_no_room(monkeypatch):
    monkeypatch.setattr(connection, "_PATIENCE", 0.0)

    async def call(application, server, connect) -> None:
        reader, writer = await connect()
        writer.write(GET)
        await application.begun.wait()
        others = [await connect() for _ in range(10)]
        # All but the last, which are not worked at, were closed.
        for other, _ in others[:-1]:
            assert await other.read() == b""
        application.go_on.set()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        for _, one in (*others, (reader, writer)):
            one.close()

    run(served(call, connections=2))


def test_who_has_only_just_come_makes_no_room_for_who_comes_after(monkeypatch):
    async def call(application, server, connect) -> None:
        monkeypatch.setattr(connection, "_PATIENCE", 3600.0)
        reader, writer = await connect()
        writer.write(GET[:5])
        for _ in range(10):
            other, closing = await connect()
            assert await other.read() == b""
            closing.close()
        writer.write(GET[5:])
        await application.begun.wait()
        application.go_on.set()
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
        writer.close()

    run(served(call, connections=1))


def test_a_request_that_was_sent_before_the_end_is_answered():
    """Though it has not been read by then."""

    async def call(application, server, connect) -> None:
        reader, writer = await connect()
        while not server.server_state.connections:
            await asyncio.sleep(0.01)
        (only,) = server.server_state.connections
        only.shutdown()
        writer.write(GET)
        await application.begun.wait()
        application.go_on.set()
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        writer.close()

    run(served(call))
