"""The callback address of an account: checks a request, opens the message, seals the reply. For WeChat and WeCom."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from assistant.channels.wechat_codec import Codec, Refused, fields, text_reply
from assistant.channels.wechat_desk import Desk
from assistant.channels.wechat_messages import Incoming, incoming, phrases
from assistant.channels.wechat_store import MessageStore
from assistant.settings import Settings, SettingsError, variable_name

LARGEST = 64 * 1024
"""Bytes of a request; the platform's longest message, three times over in compatible mode, is far shorter."""

BODY_SECONDS = 5.0
"""That the body of a request may take to arrive."""

Handshake = Callable[[Codec, Mapping[str, str]], str]
"""From the query of the platform's first request to what it wants to hear. Raises Refused."""

log = logging.getLogger(__name__)


def codec_for(setting: str, token: str, aes_key: str, receiver: str) -> Codec:
    """The codec of an account. ``setting`` is the name of the key's setting. Raises SettingsError."""
    try:
        return Codec(token, aes_key, receiver)
    except ValueError:
        raise SettingsError(f"设置 {variable_name(setting)} 不能用：要填管理后台里 43 位的 EncodingAESKey") from None


def store_for(settings: Settings) -> MessageStore:
    """The store of the channels. Raises SettingsError when the data folder cannot be written."""
    try:
        return MessageStore(settings.data_dir, abandoned_after=600 + settings.model_timeout)
    except (OSError, sqlite3.Error) as error:
        raise SettingsError(
            f"数据文件夹 {settings.data_dir} 不能写入（{error}）：公众号和企业微信要用它；请改 ASSISTANT_DATA_DIR 或文件夹的权限"
        ) from None


def callback_router(path: str, name: str, codec: Codec, handshake: Handshake, desk: Desk, close: Callable[[], None]) -> APIRouter:
    """GET and POST of ``path``; ``name`` stands in the log, ``close`` is called at the end."""
    _WithoutQuery.install()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        close()

    router = APIRouter(lifespan=lifespan)

    @router.api_route(path, methods=["GET", "POST"], include_in_schema=False)
    async def callback(request: Request) -> Response:
        query = request.query_params
        try:
            if request.method == "GET":
                return _text(handshake(codec, query))
            message = incoming(fields(opened(codec, query, await _body(request))))
            text = await _reply(desk, name, message)
        except Refused as error:
            return _refusal(name, error)
        if not text:
            return _text("success")
        reply = text_reply(message.account, message.sender, text)
        return Response(
            codec.envelope(reply, query.get("nonce", "")) if codec.encrypts else reply,
            media_type="application/xml; charset=utf-8",
        )

    return router


def opened(codec: Codec, query: Mapping[str, str], body: bytes) -> bytes | str:
    """The message's XML, once its signature is right. Refuses what was not sent in the account's mode."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not codec.encrypts:
        codec.check(query.get("signature", ""), timestamp, nonce)
        if query.get("encrypt_type") == "aes" and "FromUserName" not in fields(body):
            raise Refused(403, "收到加密消息，而没有设置 EncodingAESKey")
        return body
    # In compatible mode the message is there in clear too. Only its ciphertext is covered by a signature.
    envelope = fields(body)
    encrypted = envelope.get("Encrypt", "")
    if not encrypted:
        raise Refused(403, "收到明文消息，而设置了 EncodingAESKey：管理后台要选兼容模式或安全模式")
    codec.check(query.get("msg_signature", ""), timestamp, nonce, encrypted)
    return codec.decrypt(encrypted)


async def _body(request: Request) -> bytes:
    """The request's body. Refuses more than LARGEST, without reading it, and what does not arrive."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                body += part
                if len(body) > LARGEST:
                    raise Refused(413, "请求太大")
    except TimeoutError:
        raise Refused(408, "请求没有发完") from None
    except ClientDisconnect:
        raise Refused(400, "请求中途断了") from None
    return bytes(body)


async def _reply(desk: Desk, name: str, message: Incoming) -> str:
    """What to reply; when the store fails, that it cannot be done now."""
    try:
        return await desk.reply_to(message)
    except Exception as error:
        log.error("%s：一条消息没能处理（%s: %s）", name, type(error).__name__, error)
        return phrases().broken


def _refusal(name: str, error: Refused) -> Response:
    log.warning("%s：拒绝了一个请求（%s）", name, error)
    return Response(status_code=error.status)


def _text(text: str) -> Response:
    return Response(text, media_type="text/plain; charset=utf-8", headers={"X-Content-Type-Options": "nosniff"})


class _WithoutQuery(logging.Filter):
    """WeChat puts the sender's openid into the address: the access log gets the path alone."""

    @classmethod
    def install(cls) -> None:
        """Once is enough."""
        access = logging.getLogger("uvicorn.access")
        if not any(isinstance(one, cls) for one in access.filters):
            access.addFilter(cls())

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(a.split("?")[0] if isinstance(a, str) and a.startswith("/we") else a for a in record.args)
        return True
