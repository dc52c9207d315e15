"""The limits of a request before any of it is understood: how many at once, how long, how large."""

from __future__ import annotations

import asyncio

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from slugline.serve.errors import ApiError, busy
from slugline.serve.methods import SAFE
from slugline.serve.settings import Limits

_SMALL = 1 << 16
"""Bytes of a body that are always taken: so much of every connection's fits into memory, and so does an article."""

_LARGEST_AT_ONCE = 8
"""So many of the largest bodies may be on their way at once, or more that are smaller."""


class Gate:
    """Reads each body whole, and lets so many requests that have theirs in at once.

    Who is not let in is told to come back (503, Retry-After); nobody waits in a queue without end. Who is slow to send
    takes nobody's place meanwhile, only memory, of which there is so much for all. A body that is too large is refused
    by the length that it claims, or while it is read (413); one that does not come in time is (408), and so is work
    that takes too long (504). Other requests pass, and keep what body they have to themselves.
    """

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits
        self.inside = 0
        self.coming = 0
        """Bytes of the bodies that are being read, without the first `_SMALL` of each."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] != "http" or scope["method"] in SAFE:
            await self.app(scope, receive, send)
            return
        try:
            self._check_room()
            deadline = asyncio.get_running_loop().time() + self.limits.seconds
            body = await self._read_in_time(scope, receive, deadline)
            if body is None:
                # The caller has gone.
                return
            self._check_room()
            self.inside += 1
            try:
                await self._pass(body, scope, receive, send, deadline)
            finally:
                self.inside -= 1
        except ApiError as error:
            await error.response(scope)(scope, receive, send)

    def _check_room(self) -> None:
        if self.inside >= self.limits.requests:
            raise busy(f"{self.inside} requests are being worked at")

    async def _pass(self, body: bytes, scope: Scope, receive: Receive, send: Send, deadline: float) -> None:
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

    async def _read_in_time(self, scope: Scope, receive: Receive, deadline: float) -> bytes | None:
        """The body; None where the caller left before its end. Raises ApiError where it is too large or too slow."""
        for name, value in scope["headers"]:
            # Other lengths than digits are refused by the server, before any of this.
            if name == b"content-length" and value.isdigit() and int(value[:20]) > self.limits.body:
                raise self._too_large()
        try:
            async with asyncio.timeout_at(deadline):
                return await self._read(receive)
        except TimeoutError as error:
            message = f"the body did not come within {self.limits.seconds:g} s"
            raise ApiError(408, message, headers={"Connection": "close"}) from error

    async def _read(self, receive: Receive) -> bytes | None:
        body, counted = bytearray(), 0
        try:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > self.limits.body:
                    raise self._too_large()
                if not message.get("more_body", False):
                    return bytes(body)
                more = max(0, len(body) - _SMALL) - counted
                if more and self.coming + more > _LARGEST_AT_ONCE * self.limits.body:
                    raise busy("too much is being sent at once")
                self.coming += more
                counted += more
        finally:
            self.coming -= counted

    def _too_large(self) -> ApiError:
        # The connection is not closed: whoever sends without listening would be cut off and never learn why. What is
        # left of the body is passed over by `Connection`, for so long as a request's headers may take.
        message = f"a request's body may have at most {self.limits.body} bytes; send fewer articles at once"
        return ApiError(413, message, field="body")


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
