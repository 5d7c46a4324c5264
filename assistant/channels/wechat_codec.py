"""The wire format of WeChat and WeCom callbacks: signatures, encryption, XML. The one module that knows ``wechatpy``.

What ``wechatpy`` leaves to its caller is done here: signatures compared in constant time, Base64 and padding checked,
XML parsed without entities or a DTD, ``]]>`` inside a reply, and random numbers fit for cryptography.
"""

import base64
import binascii
import hmac
import re
import secrets
import string
import time
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from wechatpy.crypto import BaseWeChatCrypto, PrpCrypto  # type: ignore[import-untyped]
from wechatpy.crypto.base import WeChatCipher  # type: ignore[import-untyped]
from wechatpy.replies import TextReply  # type: ignore[import-untyped]
from wechatpy.utils import WeChatSigner  # type: ignore[import-untyped]

STALE_SECONDS = 300
"""A request whose timestamp is further than this from our clock is refused, whatever its signature."""

_BLOCK = 32
_HEAD = 20  # 16 random bytes and the length of the message
_NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """A request that is not answered. Its text is for the log and holds nothing of the request's content."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Codec:
    """Signs, checks, encrypts and decrypts for one account."""

    def __init__(self, token: str, aes_key: str = "", receiver: str = "") -> None:
        """``receiver`` is the app id (WeChat) or corp id (WeCom) inside every ciphertext.

        Raises ValueError when ``aes_key`` is neither empty nor an EncodingAESKey of 43 characters.
        """
        self._token = token
        self._receiver = receiver
        self._key = b""
        if aes_key:
            if not re.fullmatch(r"[A-Za-z0-9+/]{43}", aes_key):
                raise ValueError("EncodingAESKey")
            self._key = bytes(BaseWeChatCrypto(token, aes_key, receiver).key)

    @property
    def encrypts(self) -> bool:
        """Whether messages of this account are encrypted (compatible and secure mode)."""
        return bool(self._key)

    def signature(self, *parts: str) -> str:
        """SHA-1 over the token and the parts in sorted order, as the platform defines it."""
        signer = WeChatSigner()
        signer.add_data(self._token, *parts)
        return str(signer.signature)

    def check(self, signature: str, timestamp: str, nonce: str, *parts: str) -> None:
        """Refuse a wrong signature or a stale timestamp."""
        right = self.signature(timestamp, nonce, *parts)
        if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
            raise Refused(403, "签名不对")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > STALE_SECONDS:
            raise Refused(403, "时间戳过期，请核对服务器时钟")

    def decrypt(self, encrypted: str) -> str:
        """The message inside a ciphertext. Refuses what is damaged or meant for another account."""
        try:
            ciphertext = base64.b64decode(encrypted.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise Refused(403, "密文不是 Base64") from None
        if not ciphertext or len(ciphertext) % 16:
            raise Refused(403, "密文长度不对")
        content = _unpadded(WeChatCipher(self._key).decrypt(ciphertext))
        length = int.from_bytes(content[16:_HEAD], "big")
        message, receiver = content[_HEAD : _HEAD + length], content[_HEAD + length :]
        if len(content) < _HEAD or len(message) != length:
            raise Refused(403, "密文内容不完整")
        if not hmac.compare_digest(receiver, self._receiver.encode()):
            raise Refused(403, "密文不是发给这个账号的")
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise Refused(403, "密文内容不是 UTF-8") from None

    def encrypt(self, message: str) -> str:
        """The ciphertext of a message, in Base64."""
        return str(_Crypto(self._key).encrypt(message, self._receiver).decode())

    def envelope(self, message: str, nonce: str) -> str:
        """An encrypted and signed reply."""
        encrypted, timestamp = self.encrypt(message), str(int(time.time()))
        signature = self.signature(timestamp, nonce, encrypted)
        return (
            f"<xml><Encrypt>{_cdata(encrypted)}</Encrypt><MsgSignature>{_cdata(signature)}</MsgSignature>"
            f"<TimeStamp>{timestamp}</TimeStamp><Nonce>{_cdata(nonce)}</Nonce></xml>"
        )


class _Crypto(PrpCrypto):  # type: ignore[misc]
    def get_random_string(self) -> str:
        return "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(16))


def _unpadded(content: bytes) -> bytes:
    count = content[-1]
    if not 1 <= count <= _BLOCK or content[-count:] != bytes([count]) * count:
        raise Refused(403, "密文填充不对")
    return content[:-count]


def fields(document: bytes | str) -> dict[str, str]:
    """The texts of the elements directly under ``<xml>``; what is nested deeper is left out. Refuses all else."""
    try:
        root = fromstring(document, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise Refused(400, "不是可以接受的 XML") from None
    found: dict[str, str] = {}
    for element in root:
        if element.tag in found:
            raise Refused(400, "XML 里有重复的字段")
        found[element.tag] = (element.text or "").strip()
    if root.tag != "xml":
        raise Refused(400, "XML 的根元素不对")
    return found


def text_reply(sender: str, receiver: str, text: str) -> str:
    """The XML of a text message from us (``sender``, the account) to a person."""
    reply = TextReply(source=_safe(sender), target=_safe(receiver), content=_safe(text), time=int(time.time()))
    return str(reply.render())


def _cdata(text: str) -> str:
    return f"<![CDATA[{_safe(text)}]]>"


def _safe(text: str) -> str:
    """Text that can stand in a CDATA section."""
    return _NO_XML.sub("", text).replace("]]>", "]]]]><![CDATA[>")
