"""The wire format against published vectors, and against whatever else may arrive."""

import base64
import time
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.wechat_codec import STALE_SECONDS, Codec, Refused, fields, text_reply
from assistant.channels.wechat_simulator import Platform

VECTORS = yaml.safe_load(Path(__file__).with_name("wechat_vectors.yaml").read_text("utf-8"))
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
OURS = Codec("token", KEY, "wx0123")
THEIRS = Platform("", "token", KEY, "wx0123", "secure")


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_published_vectors(vector: dict[str, Any]) -> None:
    codec = Codec(vector["token"], vector["aes_key"], vector["receiver"])
    message = codec.decrypt(vector["encrypted"])
    assert (fields(message) if "fields" in vector else message) == vector.get("fields", vector.get("message"))
    if "signature" in vector:
        assert codec.signature(vector["timestamp"], vector["nonce"], vector["encrypted"]) == vector["signature"]


@pytest.mark.parametrize("vector", [vector for vector in VECTORS if "random" in vector])
def test_encryption_is_the_published_one_given_its_random_bytes(
    vector: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.channels.wechat_codec._Crypto.get_random_string", lambda self: vector["random"])
    codec = Codec(vector["token"], vector["aes_key"], vector["receiver"])
    assert codec.encrypt(vector["message"]) == vector["encrypted"]


@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_what_one_side_encrypts_the_other_reads(text: str) -> None:
    assert OURS.decrypt(THEIRS.encrypt(text)) == text
    assert THEIRS.decrypt(OURS.encrypt(text)) == text


def test_two_encryptions_of_one_text_differ() -> None:
    assert OURS.encrypt("同一句话") != OURS.encrypt("同一句话")


def padded(*parts: bytes, count: int = 16) -> str:
    """A ciphertext with padding of our choice: the count, and the bytes that stand for it."""
    content = b"".join(parts)
    return THEIRS.encrypted(content + bytes([count]) * (-len(content) % 16 or 16))


HEAD = b"r" * 16 + (5).to_bytes(4, "big") + b"hello" + b"wx0123"


@pytest.mark.parametrize(
    "encrypted",
    [
        "", " ", "不是密文", "AAAA", "!!!!", OURS.encrypt("hello")[:-4], OURS.encrypt("hello") + "AAAA",
        base64.b64encode(b"x" * 31).decode(), base64.b64encode(b"x" * 32).decode(),
        Codec("token", KEY, "wx9999").encrypt("hello"), Codec("token", KEY, "").encrypt("hello"),
        Codec("token", KEY[::-1], "wx0123").encrypt("hello"),
        padded(HEAD + b"\x10", count=0), padded(HEAD + b"\x10", count=33), padded(HEAD + b"\x01", count=255),
        THEIRS.encrypted(HEAD + b"\x05" + b"\x07" * 16), THEIRS.encrypted(b"\x20" * 32), THEIRS.encrypted(b"\x10" * 16),
        THEIRS.encrypted(b"r" * 16 + b"\xff\xff\xff\xff" + b"hello" + b"wx0123" + b"\x01"),
        THEIRS.encrypted(b"r" * 16 + (2).to_bytes(4, "big") + b"\xff\xfe" + b"wx0123" + b"\x04" * 4),
    ],
)
def test_a_damaged_or_foreign_ciphertext_is_refused_and_nothing_of_it_told(encrypted: str) -> None:
    with pytest.raises(Refused) as refused:
        OURS.decrypt(encrypted)
    assert refused.value.status == 403 and "hello" not in str(refused.value) and refused.value.__cause__ is None


@given(st.binary(max_size=200))
def test_random_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(Refused):
        OURS.decrypt(base64.b64encode(content).decode())


@pytest.mark.parametrize("key", ["short", KEY + "=", KEY[:-1], KEY[:-1] + "·", " " + KEY[1:]])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError):
        Codec("token", key, "wx0123")


def test_signatures_cover_every_part_and_the_clock() -> None:
    now = str(int(time.time()))
    right = OURS.signature(now, "7", "x")
    OURS.check(right, now, "7", "x")
    for wrong in ((right, now, "8", "x"), (right, now, "7", "y"), ("", now, "7", "x"), ("签名", now, "7", "x"), (right.upper(), now, "7", "x")):
        with pytest.raises(Refused):
            OURS.check(*wrong)


@pytest.mark.parametrize("timestamp", ["", "0", "-1", "abc", "1e9", "１７００００００００", "9" * 40, "1409735669"])
def test_a_stale_or_odd_timestamp_is_refused_whatever_its_signature(timestamp: str) -> None:
    with pytest.raises(Refused):
        OURS.check(OURS.signature(timestamp, "7"), timestamp, "7")


@pytest.mark.parametrize(("offset", "accepted"), [(-STALE_SECONDS + 5, True), (STALE_SECONDS - 5, True), (-STALE_SECONDS - 5, False), (STALE_SECONDS + 5, False)])
def test_clocks_may_differ_a_little(offset: int, accepted: bool) -> None:
    timestamp = str(int(time.time()) + offset)
    signature = OURS.signature(timestamp, "7")
    if accepted:
        OURS.check(signature, timestamp, "7")
    else:
        with pytest.raises(Refused):
            OURS.check(signature, timestamp, "7")


BOMB = "<!DOCTYPE xml [" + '<!ENTITY a0 "ha">' + "".join(
    f'<!ENTITY a{i} "{f"&a{i - 1};" * 10}">' for i in range(1, 10)
) + "]><xml><Content>&a9;</Content></xml>"


@pytest.mark.parametrize(
    "document",
    [
        "", "hello", "<xml>", "<a/>", "<xml><a/></xml", BOMB, "<xml>&nbsp;</xml>", "{}",
        '<!DOCTYPE xml><xml><a>1</a></xml>',
        '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Content>&x;</Content></xml>',
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1:9/x.dtd"><xml/>',
        "<xml><FromUserName>a</FromUserName><FromUserName>b</FromUserName></xml>",
        b"\xff\xfe\x00", b"<xml><Content>\xc4\xe3\xba\xc3</Content></xml>", b"\x00" * 100,
        b'<?xml version="1.0" encoding="no-such"?><xml/>',
        '<?xml version="1.0" encoding="gb2312"?><xml><Content>你好</Content></xml>'.encode("gb2312"),
        b"<xml><Content>\x01</Content></xml>", b"<xml>" + b"<a>" * 20_000,
    ],
)
def test_xml_that_is_no_message_is_refused(document: bytes | str) -> None:
    with pytest.raises(Refused) as refused:
        fields(document)
    assert refused.value.status == 400


def test_other_encodings_of_xml_are_read() -> None:
    document = '<?xml version="1.0" encoding="utf-16"?><xml><Content>你好</Content></xml>'
    assert fields(document.encode("utf-16")) == {"Content": "你好"}


@given(st.text(st.characters(codec="utf-8"), max_size=100))
def test_a_reply_is_xml_whatever_it_says(text: str) -> None:
    document = ElementTree.fromstring(text_reply("gh_1", "o]]>1", text + "]]>" + text + "\x00"))
    kept = "".join(c for c in text if c in "\t\n\r" or (c >= " " and c not in "\ufffe\uffff"))
    lines = f"{kept}]]>{kept}".replace("\r\n", "\n").replace("\r", "\n")  # as every XML parser reads them
    assert (document.findtext("Content") or "") == lines
    assert document.findtext("ToUserName") == "o]]>1" and document.findtext("FromUserName") == "gh_1"
