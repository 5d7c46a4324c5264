"""WeChat's and WeCom's side of the callbacks, written from the platforms' documents alone, to try a bot without them.

It shares nothing with the modules that answer: what both get wrong in the same way would otherwise go unnoticed.
"""

import base64
import hashlib
import itertools
import json
import os
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Mode = Literal["plaintext", "compatible", "secure", "wecom"]
"""明文模式, 兼容模式, 安全模式 of an Official Account; WeCom has one mode, like the secure one."""

_numbers = itertools.count(time.time_ns() // 1000)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the service replied: ``text`` is what the person would see, empty for none."""

    status: int
    text: str
    seconds: float
    raw: bytes


@dataclass(frozen=True)
class Platform:
    """The platform, for one account and one callback address."""

    url: str
    token: str
    aes_key: str = ""
    receiver: str = ""
    mode: Mode = "plaintext"
    account: str = "gh_0123456789ab"

    def handshake(self) -> bool:
        """Verify the callback address, as saving it in the console does."""
        echo, timestamp, nonce = str(next(_numbers)), self.now(), self.nonce()
        query = {"timestamp": timestamp, "nonce": nonce, "echostr": echo}
        if self.mode == "wecom":
            query["echostr"] = self.encrypt(echo)
            query["msg_signature"] = self.sign(timestamp, nonce, query["echostr"])
        else:
            query["signature"] = self.sign(timestamp, nonce)
        reply = self.request("GET", query)
        return reply.status == 200 and reply.raw == echo.encode()

    def say(self, person: str, words: str, message_id: str = "") -> Reply:
        """A text message."""
        return self.message(person, MsgType="text", Content=words, MsgId=message_id or str(next(_numbers)))

    def event(self, person: str, event: str, key: str = "", created: int | None = None) -> Reply:
        """An event: ``subscribe``, ``CLICK`` …"""
        return self.message(person, MsgType="event", Event=event, EventKey=key, CreateTime=str(created or int(time.time())))

    def message(self, person: str, **fields: str) -> Reply:
        """Any message, in the account's mode."""
        query, body = self.sealed(self.document(person, **fields), person)
        return self.request("POST", query, body)

    def document(self, person: str, **fields: str) -> str:
        """The XML of a message."""
        whole = {"ToUserName": self.account, "FromUserName": person, "CreateTime": self.now(), **fields}
        parts = "".join(f"<{k}>{v if v.isdigit() else f'<![CDATA[{v}]]>'}</{k}>" for k, v in whole.items())
        return f"<xml>{parts}</xml>"

    def sealed(self, document: str, person: str = "") -> tuple[dict[str, str], bytes]:
        """Query and body of the request that brings a document."""
        timestamp, nonce = self.now(), self.nonce()
        query = {"timestamp": timestamp, "nonce": nonce}
        if self.mode != "wecom":
            query |= {"signature": self.sign(timestamp, nonce), "openid": person}
        if self.mode == "plaintext":
            return query, document.encode()
        encrypted = self.encrypt(document)
        query["msg_signature"] = self.sign(timestamp, nonce, encrypted)
        seal = f"<Encrypt><![CDATA[{encrypted}]]></Encrypt>"
        if self.mode == "compatible":
            return query | {"encrypt_type": "aes"}, document.replace("</xml>", f"{seal}</xml>").encode()
        if self.mode == "secure":
            query["encrypt_type"] = "aes"
        return query, f"<xml><ToUserName><![CDATA[{self.account}]]></ToUserName>{seal}</xml>".encode()

    def request(self, method: str, query: dict[str, str], body: bytes | None = None) -> Reply:
        """One request, as it stands."""
        headers = {"Content-Type": "text/xml"} if body is not None else {}
        request = urllib.request.Request(f"{self.url}?{urlencode(query)}", body, headers, method=method)
        start = time.perf_counter()
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                status, raw = int(response.status), response.read()
        except urllib.error.HTTPError as error:
            with error:
                status, raw = error.code, error.read()
        seconds = time.perf_counter() - start
        return Reply(status, self.opened(raw) if status == 200 and method == "POST" else "", seconds, raw)

    def opened(self, raw: bytes) -> str:
        """The words in a reply. Raises ValueError when the platform would not accept it."""
        if raw in (b"", b"success"):
            return ""
        document = ElementTree.fromstring(raw)
        if self.mode != "plaintext":
            parts = [document.findtext(name) or "" for name in ("TimeStamp", "Nonce", "Encrypt")]
            if self.sign(*parts) != document.findtext("MsgSignature"):
                raise ValueError("signature of the reply")
            document = ElementTree.fromstring(self.decrypt(parts[2]))
        if document.findtext("MsgType") != "text" or document.findtext("FromUserName") != self.account:
            raise ValueError("reply")
        return document.findtext("Content") or ""

    # --- the platform's algorithms ------------------------------------------------------------------------------

    def sign(self, *parts: str) -> str:
        """SHA-1 of token and parts, sorted and joined."""
        return hashlib.sha1("".join(sorted([self.token, *parts])).encode()).hexdigest()

    def encrypt(self, text: str) -> str:
        """AES-256-CBC over 16 random bytes, the length, the text and the receiver's id, padded to 32 bytes."""
        message = text.encode()
        content = os.urandom(16) + len(message).to_bytes(4, "big") + message + self.receiver.encode()
        count = 32 - len(content) % 32
        return self.encrypted(content + bytes([count]) * count)

    def encrypted(self, content: bytes) -> str:
        """Whatever blocks of 16 bytes there are, encrypted, in Base64."""
        encryptor = self._cipher().encryptor()
        return base64.b64encode(encryptor.update(content) + encryptor.finalize()).decode()

    def decrypt(self, text: str) -> str:
        """The text in a ciphertext. Raises ValueError when it is not meant for this account."""
        decryptor = self._cipher().decryptor()
        content = decryptor.update(base64.b64decode(text)) + decryptor.finalize()
        content = content[: -content[-1]]
        end = 20 + int.from_bytes(content[16:20], "big")
        if content[end:] != self.receiver.encode():
            raise ValueError("receiver of the reply")
        return content[20:end].decode()

    def _cipher(self) -> Cipher[modes.CBC]:
        key = base64.b64decode(self.aes_key + "=")
        return Cipher(algorithms.AES(key), modes.CBC(key[:16]))

    @staticmethod
    def now() -> str:
        """The time in seconds, as the platform writes it."""
        return str(int(time.time()))

    @staticmethod
    def nonce() -> str:
        """A random number."""
        return str(int.from_bytes(os.urandom(4), "big"))


@dataclass
class MessageServer:
    """The platform's API for messages that a service sends of its own accord."""

    on_message: Callable[[str, str], None] = lambda person, text: None
    sent: list[tuple[str, str]] = field(default_factory=list)
    tokens: int = 0
    """Access tokens given out; only the latest is accepted."""
    url: str = ""

    def answer(self, path: str, query: dict[str, list[str]], body: dict[str, Any]) -> dict[str, Any]:
        """The reply to one call."""
        if path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            if not (body.get("secret") or query.get("corpsecret")):
                return {"errcode": 41004, "errmsg": "appsecret missing"}
            self.tokens += 1
            return {"access_token": f"token-{self.tokens}", "expires_in": 7200}
        if query.get("access_token") != [f"token-{self.tokens}"]:
            return {"errcode": 40001, "errmsg": "invalid credential"}
        if path in ("/cgi-bin/message/custom/send", "/cgi-bin/message/send"):
            text = body["text"]["content"]
            if len(text.encode()) > 2048:
                return {"errcode": 45002, "errmsg": "content size out of limit"}
            self.sent.append((body["touser"], text))
            self.on_message(body["touser"], text)
            return {"errcode": 0, "errmsg": "ok"}
        return {"errcode": 404, "errmsg": "no such path"}


@contextmanager
def message_server(port: int = 0, on_message: Callable[[str, str], None] = lambda person, text: None) -> Iterator[MessageServer]:
    """A running MessageServer on this machine; its address is ``url``."""
    state = MessageServer(on_message)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply({})

        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def _reply(self, body: dict[str, Any]) -> None:
            address = urlsplit(self.path)
            with lock:
                found = json.dumps(state.answer(address.path, parse_qs(address.query), body)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(found)))
            self.end_headers()
            self.wfile.write(found)

        def log_message(self, format: str, *args: Any) -> None:
            return

    lock = threading.Lock()
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    state.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
