"""``serve``: everything on one port of this machine: the page, the HTTP API, MCP, and the channels that are set up.

A channel is a module with two functions and knows nothing of this one::

    def router(assistant: Assistant, settings: Settings) -> APIRouter   # its addresses; a lifespan, if it needs one
    def missing(settings: Settings) -> list[str]                        # ASSISTANT_* variables that are not set yet

It is mounted when nothing is missing. The body limit, the headers and the errors in Chinese are common to all.
"""

import errno
import os
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any, Protocol

import uvicorn
from fastapi import APIRouter, FastAPI
from fastapi.responses import JSONResponse

from assistant.channels import http_api, mcp_server, openai_api, wechat, wecom
from assistant.channels.http_access import Access, Guard
from assistant.channels.http_problems import install_handlers, texts
from assistant.channels.http_views import published
from assistant.channels.http_workers import Workers
from assistant.channels.web import mount_page
from assistant.service import Assistant
from assistant.settings import Settings, SettingsError

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Scope]]
Send = Callable[[Scope], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_HEADERS = (
    # The browser is told to load nothing from elsewhere, whatever a library's page may ask for.
    (b"content-security-policy", b"default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; base-uri 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
_CHANNELS: dict[str, tuple["Channel", str]] = {"公众号": (wechat, "/wechat"), "企业微信": (wecom, "/wecom")}
_OWN = {"/v1", "/mcp", "/healthz", "/readyz", "/openapi.json", *(path for _, path in _CHANNELS.values())}
"""How addresses begin that are not the page's, whether they are on or off."""


class Channel(Protocol):
    """What a channel's module offers."""

    def router(self, assistant: Assistant, settings: Settings) -> APIRouter: ...

    def missing(self, settings: Settings) -> list[str]: ...


class Channels(FastAPI):
    """Everything but the page. The facts in the OpenAPI document are described as they are elsewhere."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = published(super().openapi())
        return self.openapi_schema


@dataclass(frozen=True, slots=True)
class Service:
    """The whole application, and what to tell the operator about it: (name, path or why it is off)."""

    app: App
    on: list[tuple[str, str]]
    off: list[tuple[str, str]]


def serve(settings: Settings, progress: Callable[[int, int], None] | None = None) -> None:
    """Serve until interrupted. Raises SettingsError when the address cannot be had."""
    with listen(settings.host, settings.port) as door:
        os.umask(0o077)  # what people ask is kept for the service's own user
        assistant = Assistant(settings)
        assistant.prepare(progress)
        try:
            service = build_service(assistant)
            for line in start_up_lines(service, address_of(door)):
                print(line, file=sys.stderr, flush=True)
            config = uvicorn.Config(
                service.app, log_level="warning", server_header=False, timeout_graceful_shutdown=5, lifespan="on"
            )
            with suppress(KeyboardInterrupt):  # the way to end it, not a failure
                uvicorn.Server(config).run(sockets=[door])
        finally:
            assistant.close()


def listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before anything slow begins. Raises SettingsError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except PermissionError:
        reason, mend = f"没有权限使用端口 {port}", "换一个 1024 以上的端口（ASSISTANT_PORT 或 --port）"
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            reason, mend = f"端口 {port} 已被别的程序占用", "换一个端口（ASSISTANT_PORT 或 --port）"
        else:
            reason, mend = f"这台机器没有“{host}”这个地址", "改用 127.0.0.1 或 0.0.0.0（ASSISTANT_HOST 或 --host）"
    raise SettingsError(f"网页启动不了：{reason}；请{mend}")


def address_of(door: socket.socket) -> str:
    """http://127.0.0.1:7860."""
    host, port = door.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def start_up_lines(service: Service, address: str) -> list[str]:
    """Which channels are on, and what is missing for the others."""
    return [
        f"网页已启动：{address}（按 Ctrl+C 结束）",
        *(f"{name}已开启：{address}{path}" for name, path in service.on),
        *(f"{name}没有开启：{reason}" for name, reason in service.off),
    ]


def build_service(assistant: Assistant) -> Service:
    """The page and, beside it, the addresses of the channels that are set up."""
    settings = assistant.settings
    workers = Workers()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        workers.close()

    channels = Channels(
        title=texts()["title"], version=version("guangxi-policy-assistant"), description=texts()["description"],
        openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, lifespan=lifespan,
    )
    channels.add_middleware(Guard, settings=settings)
    install_handlers(channels)

    @channels.get("/openapi.json", include_in_schema=False)
    async def document() -> JSONResponse:
        # Made when it is first asked for. That takes seconds, in which nobody's reply must wait.
        return JSONResponse(await workers.run(channels.openapi))

    channels.include_router(http_api.router(assistant, workers))
    channels.include_router(openai_api.router(assistant, workers))
    channels.include_router(mcp_server.router(assistant, settings, workers))
    on: list[tuple[str, str]] = []
    off: list[tuple[str, str]] = []
    if Access(settings).closed:
        off.append(("HTTP 接口和 MCP", "监听的地址不只本机能到，还缺 ASSISTANT_API_KEYS"))
    else:
        on += [("HTTP 接口", "/v1"), ("MCP", "/mcp")]
    for name, (channel, path) in _CHANNELS.items():
        if missing := channel.missing(settings):
            off.append((name, f"还缺 {'、'.join(missing)}"))
        else:
            channels.include_router(channel.router(assistant, settings), include_in_schema=False)
            on.append((name, path))
    return Service(_with_headers(_beside_the_page(channels, assistant)), on, off)


def _beside_the_page(channels: FastAPI, assistant: Assistant) -> App:
    """Both as one: what a channel has an address for goes there, errors included; the rest is the page's."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with channels.router.lifespan_context(channels):
            yield

    page = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    mount_page(page, assistant)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        app: Any = channels if scope["type"] == "http" and _first(scope["path"]) in _OWN else page
        await app(scope, receive, send)

    return dispatch


def _first(path: str) -> str:
    return "/" + path.removeprefix("/").split("/")[0]


def _with_headers(app: App) -> App:
    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Scope) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded
