"""What a server is told when it starts: its model, its address, its token, its limits."""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path

from slugline.errors import ConfigError

TOKEN_VARIABLE = "SLUGLINE_TOKEN"
"""The environment variable that holds the bearer token."""

SHORTEST_TOKEN = 16
"""Characters; a shorter token can be guessed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may ask for, and how many may ask at once.

    `body` in bytes; `articles` in one batch; `text` in characters of one article, title and body; `seconds` for a whole
    request, from the end of its headers to its answer; `requests` that are worked at or wait at once, and `wait`
    seconds that one may wait, more are told to come back; `threads` that predict.

    Of the connections: `head` seconds for a request's headers, and for a caller to take some of an answer; `idle`
    seconds between two requests; `connections` open at once, beyond which the one is closed that has been waited for
    longest.
    """

    body: int = 8 << 20
    articles: int = 1000
    text: int = 200_000
    seconds: float = 30.0
    requests: int = 32
    wait: float = 5.0
    threads: int = field(default_factory=lambda: max(2, min(8, os.cpu_count() or 2)))
    head: float = 10.0
    idle: float = 30.0
    connections: int = 512


@dataclass(frozen=True, slots=True)
class Settings:
    """How `create_app` makes a server.

    `token` is asked for on every address but /healthz, where it is not None. `hosts` are names under which the server
    may be called beside those of this computer. `feedback` is the log that /v1/feedback appends to, None: none is kept;
    with `keep_text`, the log keeps articles' text. With `follow_model`, a model file that is replaced is read again.
    """

    model: Path
    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    hosts: tuple[str, ...] = ()
    feedback: Path | None = None
    keep_text: bool = False
    limits: Limits = Limits()
    follow_model: bool = True

    @property
    def local(self) -> bool:
        """Whether only this computer can call the server."""
        return is_local(self.host)

    def check(self, *, no_token: bool = False) -> None:
        """Raise ConfigError where other computers could call without a token and `no_token` does not allow it, and for
        a token that is too short or cannot be sent.
        """
        if self.token is None:
            if not self.local and not no_token:
                raise ConfigError(
                    f"other computers could call a server at {self.host} without a token",
                    field=TOKEN_VARIABLE,
                    expected=f"a token of {SHORTEST_TOKEN} or more characters in the environment, or --no-token",
                )
        elif len(self.token) < SHORTEST_TOKEN or not (self.token.isascii() and self.token.isprintable()):
            # What was found is not said: it is a secret.
            raise ConfigError(
                "not a token", field=TOKEN_VARIABLE, expected=f"{SHORTEST_TOKEN} or more printable ASCII characters"
            )


def is_local(host: str) -> bool:
    """Whether `host` is this computer and no other can reach it.

    >>> is_local("127.0.0.1"), is_local("::1"), is_local("localhost"), is_local("0.0.0.0")
    (True, True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
