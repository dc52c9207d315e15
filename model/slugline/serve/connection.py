"""One connection of a caller, who may be slow, silent, or never read what is answered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import STATUS_PHRASES, H11Protocol

from slugline.serve.errors import CODES
from slugline.serve.metrics import Metrics
from slugline.serve.settings import Limits
from slugline.serve.watch import headers_of

_PROGRESS = 1 << 14
"""Bytes of an answer that a caller must take in `Limits.head` seconds: 13 kbit/s."""

_LINGER = 0.2
"""Seconds in which a server that ends still reads what was sent before its callers could know."""

_PATIENCE = 1.0
"""Seconds for which a caller is waited for even where others find no room: more than one who is not slow needs."""

_LAST_WORDS = 2.0
"""Seconds in which a caller whose request was none may hear so."""


class Connection(H11Protocol):
    """uvicorn's connection with limits of its own, so that no caller can keep one for ever by doing next to nothing.

    - A request's headers must come within `Limits.head` seconds (408), from the first byte or, on a new connection,
      from its beginning; so must the rest of a body that nobody wanted.
    - Somebody must take an answer, some of it every `Limits.head` seconds.
    - Of more than `Limits.connections`, the one is closed that has waited longest for its caller, if that is long. Who
      is slow makes room for who is not; but where all are new, the newest finds none.

    What a caller does between two requests is bounded by uvicorn (`timeout_keep_alive`), a body and the work by `Gate`.
    """

    def __init__(self, *, limits: Limits, metrics: Metrics, **given: Any) -> None:
        super().__init__(**given)
        self.limits, self.metrics = limits, metrics
        self._late: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As asyncio has it."""
        super().connection_made(transport)
        self.metrics.connections.set(len(self.connections))
        self._wait_for_head()
        if len(self.connections) > self.limits.connections:
            self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio has it."""
        super().connection_lost(exc)
        self.metrics.connections.set(len(self.connections))
        self._unset_keepalive_if_required()
        for timer in (self._late, self._taking, self._closing):
            if timer is not None:
                timer.cancel()

    def data_received(self, data: bytes) -> None:
        """As asyncio has it."""
        if self._closing is not None:
            return
        super().data_received(data)
        if self._late is None and self._asked_nothing() and not self.transport.is_closing():
            self._wait_for_head()

    def handle_events(self) -> None:
        """As uvicorn has it: take what has come."""
        before = self.cycle
        super().handle_events()
        if self.cycle is not before:
            self._since = self.loop.time()
            if self._late is not None:
                self._late.cancel()
                self._late = None

    def on_response_complete(self) -> None:
        """As uvicorn has it: begin the next request if it is there already."""
        self._since = self.loop.time()
        super().on_response_complete()
        if self.transport.get_write_buffer_size():
            self._watch_taking()
        if self._late is None and self._asked_nothing() and self.conn.their_state is h11.SEND_BODY:
            self._wait_for_head()

    def pause_writing(self) -> None:
        """As asyncio has it."""
        super().pause_writing()
        self._watch_taking()

    def shutdown(self) -> None:
        """End after the request that is being answered, or that is on its way already."""
        if self._asked_nothing():
            self.loop.call_later(_LINGER, super().shutdown)
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP like any other error, and close."""
        self._refuse(400, msg[:1].lower() + msg[1:].rstrip("."))

    @property
    def waits_since(self) -> float | None:
        """From when on the server has waited for the caller, in the loop's seconds; None while it works itself."""
        cycle = self.cycle
        working = cycle is not None and not cycle.response_complete and not cycle.more_body
        return None if working and not self.flow.write_paused else self._since

    def _asked_nothing(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._late = self.loop.call_later(self.limits.head, self._head_is_late)

    def _head_is_late(self) -> None:
        self._late = None
        if self.transport.is_closing() or not self._asked_nothing():
            return
        self.metrics.dropped("head")
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._refuse(408, f"the headers did not come within {self.limits.head:g} s")
        else:
            self.transport.abort()

    def _watch_taking(self) -> None:
        if self._taking is None:
            left = self.transport.get_write_buffer_size()
            self._taking = self.loop.call_later(self.limits.head, self._look_at_taking, left)

    def _look_at_taking(self, before: int) -> None:
        self._taking = None
        left = self.transport.get_write_buffer_size()
        if not left:
            return
        if before - left < _PROGRESS:
            self.metrics.dropped("unread")
            self.transport.abort()
        else:
            self._watch_taking()

    def _make_room(self) -> None:
        waiting = [
            (since, number, other)
            for number, other in enumerate(self.connections)
            if isinstance(other, Connection) and (since := other.waits_since) is not None
        ]
        # This one waits too, so that there always is one.
        since, _, slowest = min(waiting)
        if self.loop.time() - since < _PATIENCE:
            slowest = self
        self.metrics.dropped("room")
        self.connections.discard(slowest)
        slowest.transport.abort()

    def _refuse(self, status: int, message: str) -> None:
        """Answer a request that never became one, and close when the caller does, or soon."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            error = {"code": CODES[status], "message": message, "field": None}
            body = json.dumps({"error": error}).encode()
            headers = [*headers_of("application/json"), (b"content-length", str(len(body)).encode())]
            headers.append((b"connection", b"close"))
            for event in (
                h11.Response(status_code=status, headers=headers, reason=STATUS_PHRASES[status]),
                h11.Data(data=body),
                h11.EndOfMessage(),
            ):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:
            # Whatever still works at the request has nobody to answer any more.
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        # Closed at once, with something yet unread, the caller would be cut off before it reads this.
        self.transport.write_eof()
        self.flow.resume_reading()
        self._closing = self.loop.call_later(_LAST_WORDS, self.transport.abort)
