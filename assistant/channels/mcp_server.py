"""The MCP server: over standard input and output (``python -m assistant mcp``), and at ``/mcp`` of the service."""

import logging
from importlib.metadata import version
from typing import Any

import anyio
from fastapi import APIRouter
from mcp.server import Server, ServerRequestContext
from mcp.server.stdio import stdio_server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.server.transport_security import TransportSecuritySettings
from mcp.shared.exceptions import MCPError
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)
from starlette.routing import Route

from assistant.channels.http_access import BODY_LIMIT, Access
from assistant.channels.http_problems import Problem
from assistant.channels.http_workers import Workers
from assistant.channels.mcp_tools import agent_tools, failure, words
from assistant.service import Assistant
from assistant.settings import Settings

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
log = logging.getLogger(__name__)


def mcp_server(assistant: Assistant, workers: Workers) -> Server[Any]:
    """The server with its tools, for any transport."""
    tools = agent_tools(assistant)

    async def list_tools(_: ServerRequestContext[Any], __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[tool.declared for tool in tools.values()])

    async def call_tool(_: ServerRequestContext[Any], params: CallToolRequestParams) -> CallToolResult:
        tool = tools.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, words()["unknown_tool"].format(name=params.name[:100]))
        try:
            return await workers.run(tool.call, params.arguments or {})
        except Problem as problem:
            return failure(problem.detail)
        except Exception:
            log.exception("工具 %s 没能处理", params.name)
            return failure(words()["failed"])

    about = words()
    return Server(
        "guangxi-policy-assistant", version=version("guangxi-policy-assistant"), title=about["title"],
        instructions=about["instructions"], on_list_tools=list_tools, on_call_tool=call_tool,
    )


def router(assistant: Assistant, settings: Settings, workers: Workers) -> APIRouter:
    """``/mcp`` (streamable HTTP). Each request stands by itself: no session could be taken over."""
    manager = StreamableHTTPSessionManager(
        mcp_server(assistant, workers), json_response=True, stateless=True, max_request_body_size=BODY_LIMIT,
        security_settings=_security(settings),
    )
    routes = APIRouter(lifespan=lambda _: manager.run())
    routes.routes.append(Route("/mcp", endpoint=StreamableHTTPASGIApp(manager)))
    return routes


def _security(settings: Settings) -> TransportSecuritySettings:
    """Without keys, only pages and programs of this machine; with keys, a page of somebody else's has none."""
    if not Access(settings).open:
        return TransportSecuritySettings(enable_dns_rebinding_protection=False)
    hosts = [name + port for name in _LOOPBACK for port in ("", ":*")]
    return TransportSecuritySettings(allowed_hosts=hosts, allowed_origins=[f"http://{host}" for host in hosts])


def serve_stdio(assistant: Assistant) -> None:
    """Serve one client over standard input and output until it leaves."""

    async def run() -> None:
        workers = Workers()
        server = mcp_server(assistant, workers)
        async with stdio_server() as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
        workers.close()

    anyio.run(run)
