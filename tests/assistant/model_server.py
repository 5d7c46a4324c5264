"""An OpenAI-compatible server that answers as a script says: fast, late, broken, or never."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = dict[str, Any] | str | bytes
"""A message (text or with tool calls), or raw bytes sent as they are."""
Script = Callable[[int, dict[str, Any]], Reply]
"""From the number of the request (0, 1, …) and its body to the reply; may sleep."""


def says(text: str) -> dict[str, Any]:
    return {"role": "assistant", "content": text}


def calls(name: str, **arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}
    return {"role": "assistant", "content": None, "tool_calls": [{"id": "c1", "type": "function", "function": function}]}


def in_turn(*replies: Reply) -> Script:
    """The replies one after another, the last one for ever."""
    return lambda number, body: replies[min(number, len(replies) - 1)]


def after(seconds: float, reply: Reply) -> Script:
    """The same reply each time, late."""

    def script(number: int, body: dict[str, Any]) -> Reply:
        time.sleep(seconds)
        return reply

    return script


class ModelServer(ThreadingHTTPServer):
    """Counts its requests and keeps their bodies."""

    daemon_threads = True

    def __init__(self, script: Script) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = script
        self.bodies: list[dict[str, Any]] = []
        self.counting = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.counting:
            number = len(self.server.bodies)
            self.server.bodies.append(body)
        reply = self.server.script(number, body)
        if isinstance(reply, dict):
            choice = {"index": 0, "message": reply, "finish_reason": "tool_calls" if reply.get("tool_calls") else "stop"}
            if body.get("stream"):
                self._stream(reply, choice["finish_reason"])
                return
            usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
            reply = json.dumps({"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage})
        payload = reply.encode() if isinstance(reply, str) else reply
        try:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
        except (BrokenPipeError, ConnectionResetError):
            return  # the client stopped waiting

    def _stream(self, message: dict[str, Any], reason: str) -> None:
        """The same message as server-sent events, a few characters at a time."""
        text = message.get("content") or ""
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": text[i : i + 4]} for i in range(0, len(text), 4)]
        if message.get("tool_calls"):
            deltas.append({"tool_calls": [{"index": 0, **call} for call in message["tool_calls"]]})
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        head = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
        chunks = [{**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
        chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        for chunk in chunks:
            self.wfile.write(f"data: {json.dumps(chunk)}\n\n".encode())
            self.wfile.flush()
        self.wfile.write(b"data: [DONE]\n\n")

    def log_message(self, format: str, *args: Any) -> None:
        return


@contextmanager
def model_server(script: Script) -> Iterator[ModelServer]:
    """A running server; its address is ``server.url``."""
    server = ModelServer(script)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


__all__: Sequence[str] = ["ModelServer", "after", "calls", "in_turn", "model_server", "says"]
