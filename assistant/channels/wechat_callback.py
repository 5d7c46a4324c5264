"""The callback address of an account: checks a request, opens the message, seals the reply. For WeChat and WeCom."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from fastapi import APIRouter, Request, Response

from assistant.channels.wechat_codec import Codec, Refused, fields, text_reply
from assistant.channels.wechat_desk import Desk
from assistant.channels.wechat_messages import incoming
from assistant.settings import SettingsError, variable_name

LARGEST = 64 * 1024
"""Bytes of a request; the platform's longest message, three times over in compatible mode, is far shorter."""

Handshake = Callable[[Codec, Mapping[str, str]], str]
"""From the query of the platform's first request to what it wants to hear. Raises Refused."""

log = logging.getLogger(__name__)


def codec_for(setting: str, token: str, aes_key: str, receiver: str) -> Codec:
    """The codec of an account. ``setting`` is the name of the key's setting. Raises SettingsError."""
    try:
        return Codec(token, aes_key, receiver)
    except ValueError:
        raise SettingsError(f"设置 {variable_name(setting)} 不能用：要填管理后台里 43 位的 EncodingAESKey") from None


def callback_router(path: str, name: str, codec: Codec, handshake: Handshake, desk: Desk, close: Callable[[], None]) -> APIRouter:
    """GET and POST of ``path``; ``name`` stands in the log, ``close`` is called at the end."""
    _WithoutQuery.install()

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        yield
        close()

    router = APIRouter(lifespan=lifespan)

    @router.get(path, include_in_schema=False)
    async def verify(request: Request) -> Response:
        try:
            return _text(handshake(codec, request.query_params))
        except Refused as error:
            return _refusal(name, error)

    @router.post(path, include_in_schema=False)
    async def receive(request: Request) -> Response:
        try:
            query = request.query_params
            message = incoming(fields(opened(codec, query, await _body(request))))
            text = await desk.reply_to(message)
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
        return body
    # In compatible mode the message is there in clear too. Only its ciphertext is covered by a signature.
    envelope = fields(body)
    encrypted = envelope.get("Encrypt", "")
    if not encrypted:
        raise Refused(403, "收到明文消息，而设置了 EncodingAESKey：管理后台要选兼容模式或安全模式")
    codec.check(query.get("msg_signature", ""), timestamp, nonce, encrypted)
    return codec.decrypt(encrypted)


async def _body(request: Request) -> bytes:
    """The request's body. Refuses more than LARGEST, without reading it."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise Refused(413, "请求太大")
    return bytes(body)


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
