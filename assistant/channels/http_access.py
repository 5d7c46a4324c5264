"""Who may use the HTTP API, how often, and how much they may send: checked before anything is read into models."""

import asyncio
import hashlib
import hmac
import logging
import math
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from ipaddress import ip_address
from typing import Any

from starlette.datastructures import Headers

from assistant.channels.http_problems import Problem, response_to
from assistant.settings import Settings

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 64 * 1024
CHAT_BODY_LIMIT = 1024 * 1024
"""A chat client sends the whole conversation each time."""
BODY_SECONDS = 30
_DRAINED = 4 * 1024 * 1024
"""Of a body that is too large, so much is still read (and dropped): a client that writes does not read the answer."""
_MOST_CALLERS = 10_000
_GUARDED = ("/v1", "/mcp")
_FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
log = logging.getLogger(__name__)


class Access:
    """The API keys of the settings. Without any, the API is for this machine alone."""

    def __init__(self, settings: Settings) -> None:
        keys = settings.api_keys.get_secret_value().split(",")
        self._keys = [_digest(key.strip()) for key in keys if key.strip()]
        self.open = not self._keys and is_loopback(settings.host)
        """No key is needed."""
        self.closed = not self._keys and not self.open
        """Nobody may use it: there are no keys, and the address is not this machine's alone."""

    def caller(self, headers: Headers) -> str:
        """Who asks: a name for the key, the same for each request. Raises Problem."""
        if self._keys:
            scheme, _, key = headers.get("authorization", "").partition(" ")
            key = key.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
            if not key:
                raise Problem("no_key", headers={"WWW-Authenticate": "Bearer"})
            given = _digest(key)
            matching = [hmac.compare_digest(given, known) for known in self._keys]  # all of them: constant time
            if not any(matching):
                raise Problem("wrong_key", headers={"WWW-Authenticate": 'Bearer error="invalid_token"'})
            return given.hex()
        # A page of somebody else's, opened on this machine, can have its name point here (DNS rebinding); and what a
        # proxy passes on comes from somewhere else, though the connection is this machine's own.
        passed_on = any(name in headers for name in _FORWARDED)
        if self.closed or passed_on or not is_loopback(host_of(headers.get("host", ""))):
            raise Problem("closed")
        return "local"


class RateLimit:
    """So many requests a minute for each caller, that many at once (token bucket)."""

    def __init__(self, per_minute: int, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._now = per_minute, now
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, caller: str) -> None:
        """Count one request. Raises Problem with Retry-After when there are too many."""
        now = self._now()
        left, since = self._left.pop(caller, (float(self._rate), now))
        left = min(self._rate, left + (now - since) * self._rate / 60)
        allowed = left >= 1
        self._left[caller] = (left - allowed, now)
        if len(self._left) > _MOST_CALLERS:
            del self._left[next(iter(self._left))]  # the one that has been quiet longest
        if not allowed:
            seconds = math.ceil((1 - left) * 60 / self._rate)
            raise Problem("rate", rate=self._rate, seconds=seconds, headers={"Retry-After": str(seconds)})


class Guard:
    """ASGI middleware: keys and rates for the API and MCP, a limit of the body for all, no error without an answer.

    The caller's name is left in ``scope["state"]["caller"]``.
    """

    def __init__(self, app: App, settings: Settings) -> None:
        self._app = app
        self._access = Access(settings)
        self._rates = RateLimit(settings.api_rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting(message: Scope) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        path = str(scope["path"])
        try:
            if path.startswith(_GUARDED):
                self._admit(scope)
            received = await _body(scope, receive, CHAT_BODY_LIMIT if path.startswith("/v1/chat/") else BODY_LIMIT)
            await self._app(scope, _replay(received, receive), noting)
        except Problem as problem:
            await response_to(problem, path)(scope, receive, send)
        except Exception:
            log.exception("请求没能处理：%s", path)
            if not started:
                await response_to(Problem("failed"), path)(scope, receive, send)

    def _admit(self, scope: Scope) -> None:
        client = scope.get("client") or ("",)
        try:
            caller = self._access.caller(Headers(scope=scope))
        except Problem:
            self._rates.take(f"address {client[0]}")  # guessing keys is limited too
            raise
        self._rates.take(f"address {client[0]}" if self._access.open else caller)
        scope.setdefault("state", {})["caller"] = caller


async def _body(scope: Scope, receive: Receive, limit: int) -> Sequence[Scope]:
    """The messages of the whole body. Raises Problem when it is too large or does not come."""
    declared = Headers(scope=scope).get("content-length", "")
    size = 0
    messages: list[Scope] = []
    if declared.isdecimal() and int(declared[:20]) > _DRAINED:
        raise Problem("too_large", limit=limit, headers={"Connection": "close"})
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                size += len(message.get("body", b""))
                if size <= limit:
                    messages.append(message)
                if size > _DRAINED or not message.get("more_body", False):
                    break
    except TimeoutError:
        raise Problem("too_slow", seconds=BODY_SECONDS, headers={"Connection": "close"}) from None
    if size > limit:
        raise Problem("too_large", limit=limit, headers={"Connection": "close"})
    return messages


def _replay(messages: Sequence[Scope], receive: Receive) -> Receive:
    waiting = iter(messages)

    async def again() -> Scope:
        return next(waiting, None) or await receive()

    return again


def is_loopback(host: str) -> bool:
    """Whether a host name or address is that of this machine alone."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def host_of(header: str) -> str:
    """The name in a Host header, without the port."""
    return header.rsplit(":", 1)[0] if not header.endswith("]") and ":" in header else header


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
