"""Who may call: the right host, from no other web site, with the token where one is set."""

from __future__ import annotations

import base64
import binascii
import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from slugline.serve.errors import ApiError
from slugline.serve.methods import SAFE
from slugline.serve.settings import Settings

USER_KEY = "slugline.user"
"""Where a request's scope has the name that its caller gave with the token by HTTP Basic; not there without one."""

OPEN = frozenset({"/healthz"})
"""What answers without a token, as those who look whether a server is alive have none."""

_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


class Guard:
    """Refuses who may not call.

    - A server of this computer, and one that was told its names, is called by them alone (421): a web site whose name
      is made to lead here (DNS rebinding) has another.
    - What changes something is not taken from the pages of other web sites (403): browsers say whose page it was.
    - Where there is a token, it is compared in constant time (401). Browsers send it by HTTP Basic, as the password.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.token = None if settings.token is None else settings.token.encode()
        self.hosts: frozenset[str] | None = None
        if settings.local or settings.hosts:
            self.hosts = _LOCAL | {settings.host.lower(), *(host.lower() for host in settings.hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI has it."""
        if scope["type"] == "http":
            try:
                self._check(scope)
            except ApiError as error:
                await error.response(scope)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if self.hosts is not None and host_name(host) not in self.hosts:
            raise ApiError(421, "this server is not called so; start it with --allow-host NAME", field="Host")
        if scope["method"] not in SAFE and not _same_site(headers, host):
            raise ApiError(403, "comes from the page of another web site", field="Origin")
        if self.token is not None and scope["path"] not in OPEN:
            user = _user(headers.get("authorization", ""), self.token)
            if user is None:
                raise ApiError(
                    401,
                    "needs the server's token, as Authorization: Bearer TOKEN",
                    field="Authorization",
                    headers={"WWW-Authenticate": _challenge(headers)},
                )
            if user:
                scope[USER_KEY] = user


def host_name(host: str) -> str:
    """The name or the address in a Host header, without the port.

    >>> host_name("LOCALHOST:8000"), host_name("[::1]:8000"), host_name("127.0.0.1"), host_name("a:b:c")
    ('localhost', '::1', '127.0.0.1', '')
    """
    host = host.lower()
    if host.startswith("["):
        name, bracket, port = host[1:].partition("]")
        return name if bracket and (not port or (port[0] == ":" and port[1:].isdecimal())) else ""
    name, colon, port = host.partition(":")
    return name if not colon or port.isdecimal() else ""


def _same_site(headers: Headers, host: str) -> bool:
    """Whether a request is from a page of this server, or from no page at all."""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def _challenge(headers: Headers) -> str:
    """A browser that shows pages asks for name and password; a program is told of the token."""
    if "text/html" in headers.get("accept", ""):
        return 'Basic realm="slugline: any name, the token as password", charset="UTF-8"'
    return 'Bearer realm="slugline"'


def _user(authorization: str, token: bytes) -> str | None:
    """The name given with the right token, empty where there is none; None where the token is not the right one."""
    scheme, _, value = authorization.partition(" ")
    user, given = "", value.strip().encode()
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(given, validate=True).partition(b":")
            user, given = name.decode("utf-8", "replace"), password
        except (binascii.Error, ValueError):
            return None
    elif scheme.lower() != "bearer":
        return None
    return user if hmac.compare_digest(given, token) else None
