"""``serve``: the page on one port of this machine."""

import errno
import socket
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any

import gradio as gr
import uvicorn
from fastapi import FastAPI

from assistant.channels.web_page import CSS, HEAD, build_page, theme
from assistant.service import Assistant
from assistant.settings import Settings, SettingsError

_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]

_HEADERS = (
    # The browser is told to load nothing from elsewhere, whatever a library's page may ask for.
    (b"content-security-policy", b"default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; base-uri 'self'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


def serve(settings: Settings, progress: Callable[[int, int], None] | None = None) -> None:
    """Serve the page until interrupted. Raises SettingsError when the address cannot be had."""
    with listen(settings.host, settings.port) as door:
        assistant = Assistant(settings)
        assistant.prepare(progress)
        app = build_app(assistant)
        host, port = door.getsockname()[:2]
        shown = f"[{host}]" if ":" in host else host
        print(f"网页已启动：http://{shown}:{port}（按 Ctrl+C 结束）", file=sys.stderr, flush=True)
        try:
            with suppress(KeyboardInterrupt):  # the way to end it, not a failure
                uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[door])
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


def build_app(assistant: Assistant) -> Any:
    """The web application: the page, with headers that keep it to this machine."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    page = build_page(assistant)
    gr.mount_gradio_app(
        app, page, path="/", theme=theme(), css=CSS, head=HEAD, show_error=False, ssr_mode=False, footer_links=[],
        run_history=False, max_file_size=0, enable_monitoring=False,
    )
    return _with_headers(app)


def _with_headers(app: Any) -> Any:
    async def guarded(scope: _Message, receive: _Receive, send: _Send) -> None:
        async def send_with_headers(message: _Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await app(scope, receive, send_with_headers)

    return guarded
