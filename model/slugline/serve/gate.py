"""The limits of a request before any of it is understood: how many at once, how long, how large."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slugline.serve.errors import ApiError
from slugline.serve.settings import Limits

_WITHOUT_BODY = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Lets so many requests with a body in at once, and reads each body whole before it is passed on.

    Who is not let in is told to come back (503, Retry-After); nobody waits in a queue without end. A body that is too
    large is refused by the length that it claims, or while it is read (413); one that does not come in time is (408),
    and so is work that takes too long (504). Other requests pass, and keep what body they have to themselves.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http" or scope["method"] in _WITHOUT_BODY:
            await self.app(scope, receive, send)
            return
        if self.inside >= self.limits.requests:
            message = f"{self.inside} requests are being worked at; try again"
            await ApiError(503, message, headers={"Retry-After": "1"}).response(scope)(scope, receive, send)
            return
        self.inside += 1
        try:
            await self._pass(scope, receive, send)
        except ApiError as error:
            await error.response(scope)(scope, receive, send)
        finally:
            self.inside -= 1

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        deadline = asyncio.get_running_loop().time() + self.limits.seconds
        try:
            async with asyncio.timeout_at(deadline):
                body = await self._read(scope, receive)
        except TimeoutError as error:
            message = f"the body did not come within {self.limits.seconds:g} s"
            raise ApiError(408, message, headers={"Connection": "close"}) from error
        if body is None:
            # The caller has gone.
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout_at(deadline):
                await self.app(scope, _replay(body, receive), sending)
        except TimeoutError as error:
            if not begun:
                message = f"took longer than {self.limits.seconds:g} s; send fewer or shorter articles"
                raise ApiError(504, message) from error

    async def _read(self, scope: Scope, receive: Receive) -> bytes | None:
        """The body; None where the caller left before its end. Raises ApiError where it is too large."""
        for name, value in scope["headers"]:
            # Other lengths than digits are refused by the server, before any of this.
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self.limits.body:
                raise self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.limits.body:
                raise self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> ApiError:
        # What is left of it is not read, so nothing else can come on this connection.
        message = f"a request's body may have at most {self.limits.body} bytes; send fewer articles at once"
        return ApiError(413, message, field="body", headers={"Connection": "close"})


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body`, and then what comes after it."""
    given = False

    async def replayed() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
