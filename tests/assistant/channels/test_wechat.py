"""The callbacks from outside: the platform is played by code that shares nothing with ours, in every mode."""

import logging
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args
from urllib.parse import urlencode, urlsplit

import httpx
import pytest

from assistant.channels import wechat, wecom
from assistant.channels.wechat_messages import phrases
from assistant.channels.wechat_simulator import Mode, Platform
from assistant.channels.wechat_store import MessageStore
from assistant.privacy import IDENTITY, PHONE
from assistant.service import Assistant
from assistant.settings import Settings, SettingsError
from tests.assistant.channels.serving import serving
from tests.assistant.channels.wechat_service import (
    KEY,
    RECEIVER,
    TOKEN,
    FakeAssistant,
    On2025,
    platform,
    served,
    settings_for,
)

OPENID = "oTestPerson_0123456789-abcdef"
MODES: tuple[Mode, ...] = get_args(Mode)


@pytest.fixture(scope="module")
def fake() -> FakeAssistant:
    return FakeAssistant()


@pytest.fixture(scope="module", params=MODES)
def side(request: pytest.FixtureRequest, fake: FakeAssistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    folder = tmp_path_factory.mktemp("channel")
    with served(request.param, fake, settings_for(request.param, folder, public_url="https://zc.example.cn")) as platform:
        yield platform


@pytest.fixture(scope="module", params=[mode for mode in MODES if mode != "plaintext"])
def sealing(request: pytest.FixtureRequest, fake: FakeAssistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The modes with encryption."""
    with served(request.param, fake, settings_for(request.param, tmp_path_factory.mktemp("sealing"))) as platform:
        yield platform


def test_the_address_is_verified(side: Platform) -> None:
    assert side.handshake()


def test_a_question_is_answered_in_plain_text_with_a_link(side: Platform) -> None:
    reply = side.say(OPENID, "招了5个应届生能领多少 <b>&amp;]]&gt;")
    assert (reply.status, reply.text) == (200, "答：招了5个应届生能领多少 <b>&amp;]]&gt;\n\n网页版：https://zc.example.cn")


def test_speech_and_menu_are_questions_too(side: Platform) -> None:
    heard = side.message(OPENID, MsgType="voice", MediaId="m", Format="amr", Recognition="公司招不到人", MsgId="901")
    assert heard.text.startswith("答：公司招不到人")
    assert side.event(OPENID, "CLICK", "稳岗返还怎么领").text.startswith("答：稳岗返还怎么领")
    assert side.message(OPENID, MsgType="voice", MediaId="m", MsgId="902").text == phrases().no_speech


def test_whoever_subscribes_is_welcomed_with_three_examples(side: Platform) -> None:
    welcome = side.event(OPENID, "subscribe").text
    assert welcome == phrases().welcome and welcome.count("\n· ") == 3


@pytest.mark.parametrize("kind", ["image", "video", "shortvideo", "location", "link", "file", "music", "没见过的"])
def test_other_messages_are_answered_kindly(side: Platform, kind: str) -> None:
    reply = side.message(OPENID, MsgType=kind, MediaId="m", MsgId="77")
    assert reply.status == 200 and "文字" in reply.text


@pytest.mark.parametrize("event", ["unsubscribe", "VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "enter_agent", "new_event"])
def test_other_events_need_no_reply(side: Platform, event: str) -> None:
    reply = side.event(OPENID, event)
    assert (reply.status, reply.raw) == (200, b"success")


def test_a_retry_gets_the_same_answer_and_costs_no_turn(side: Platform, fake: FakeAssistant) -> None:
    before = len(fake.asked)
    replies = {side.say(OPENID, f"问一次 {side.mode}", "5001").text for _ in range(3)}
    events = {side.event(OPENID, "CLICK", f"点一次 {side.mode}", created=int(time.time())).text for _ in range(3)}
    assert len(replies) == len(events) == 1 and len(fake.asked) == before + 2
    assert side.say("oSomebodyElse", "别人的同一个编号", "5001").text.startswith("答：别人")


def test_a_replayed_request_changes_nothing(side: Platform, fake: FakeAssistant) -> None:
    query, body = side.sealed(side.document(OPENID, MsgType="text", Content="原样重放", MsgId="5002"), OPENID)
    first, before = side.request("POST", query, body), len(fake.asked)
    again = side.request("POST", query, body)
    assert (again.status, again.text, len(fake.asked)) == (200, first.text, before)


@pytest.mark.parametrize("words", ["重新开始", "“重新开始”。", " 新对话 ", "换个话题"])
def test_beginning_anew_is_another_session(side: Platform, fake: FakeAssistant, words: str) -> None:
    side.say(OPENID, "第一段")
    side.say(OPENID, "还是第一段")
    reply = side.say(OPENID, words)
    side.say(OPENID, "第二段")
    first, still, second = (session for _, session in fake.asked[-3:])
    assert reply.text == phrases().restarted and first == still != second
    assert OPENID not in first + second


def test_people_and_channels_have_sessions_of_their_own(tmp_path: Path) -> None:
    fake = FakeAssistant()
    for mode in ("plaintext", "wecom"):
        with served(mode, fake, settings_for(mode, tmp_path)) as side:  # type: ignore[arg-type]
            side.say("zhangsan", "我是张三")
            side.say("lisi", "我是李四")
    assert len({session for _, session in fake.asked}) == 4


def test_words_without_a_question_are_met(side: Platform) -> None:
    for words in ("继续", "继续吧", "请继续！", "继续说"):
        assert side.say(OPENID, words).text == phrases().nothing_left
    for words in ("帮助", "怎么用？"):
        assert side.say(OPENID, words).text == phrases().welcome
    assert side.say(OPENID, " ").text == phrases().welcome


def test_a_long_answer_comes_in_parts_on_request(tmp_path: Path) -> None:
    long = "".join(f"第{number}句话，写明各项条件和标准。" for number in range(1, 150))
    with served("secure", FakeAssistant(text=lambda _: long), settings_for("secure", tmp_path)) as side:
        parts = [side.say(OPENID, "全部政策", "1").text]
        while parts[-1].endswith(phrases().unfinished):
            number = str(len(parts) + 1)
            parts.append(side.say(OPENID, "继续", number).text)
            assert side.say(OPENID, "继续", number).text == parts[-1]
        assert len(parts) == 4 and side.say(OPENID, "继续").text == phrases().nothing_left
    assert all(len(part.encode()) <= 2048 for part in parts)
    assert all(part.removesuffix(phrases().unfinished).endswith("。") for part in parts)
    assert "".join(part.removesuffix(phrases().unfinished) for part in parts) == long


def test_a_new_question_ends_the_old_answer(tmp_path: Path) -> None:
    answers = {"长": "一句话。" * 300, "短": "短。"}
    with served("plaintext", FakeAssistant(text=answers.__getitem__), settings_for("plaintext", tmp_path)) as side:
        side.say(OPENID, "长")
        assert side.say(OPENID, "短").text == "短。"
        assert side.say(OPENID, "继续").text == phrases().nothing_left


def test_the_real_assistant_answers_with_its_clauses(assistant: Assistant, data_dir: Path) -> None:
    with served("secure", On2025(assistant), settings_for("secure", data_dir)) as side:
        text = side.say(OPENID, "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？").text
    assert "7500元" in text and "\n依据：第（一）条 “" in text and "**" not in text


def test_the_whole_service_has_both_channels(data_dir: Path) -> None:
    wecom_too = settings_for("wecom", data_dir).model_dump(include={"wecom_token", "wecom_aes_key", "wecom_corp_id"})
    service = Assistant(settings_for("secure", data_dir, **wecom_too))
    with serving(service) as address:
        for mode, path in (("secure", "/wechat"), ("wecom", "/wecom")):
            side = platform(address + path, mode)  # type: ignore[arg-type]
            assert side.handshake() and "扩岗补助" in side.say(OPENID, "招了5个应届生，扩岗补助有多少？").text
            assert platform(side.url, side.mode, token="another").say(OPENID, "秘密").status == 403
            assert side.request("POST", *side.sealed("<xml>" + "x" * 1_000_000)).status == 413
    service.close()


# --- what is refused --------------------------------------------------------------------------------------------


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Nothing of a request's content is in the log, and no traceback."""
    with caplog.at_level(logging.DEBUG):
        yield caplog
    for secret in (OPENID, "秘密", TOKEN, KEY, "Traceback"):
        assert secret not in caplog.text
    assert not any(record.exc_info for record in caplog.records)


def secret(side: Platform) -> str:
    return side.document(OPENID, MsgType="text", Content="秘密13800138000", MsgId="9")


def test_a_wrong_signature_is_refused(side: Platform, quiet: object) -> None:
    query, body = side.sealed(secret(side), OPENID)
    names = [name for name in ("signature", "msg_signature") if name in query]
    for wrong in ("", "0" * 40, "签名"):
        reply = side.request("POST", query | dict.fromkeys(names, wrong), body)
        assert (reply.status, reply.raw) == (403, b"")
    assert side.request("POST", {}, body).status == 403
    assert not platform(side.url, side.mode, token="another").handshake()


def test_a_stale_request_is_refused(side: Platform, quiet: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Platform, "now", staticmethod(lambda: str(int(time.time()) - 3600)))
    query, body = side.sealed(secret(side), OPENID)
    reply = side.request("POST", query, body)
    assert (reply.status, reply.raw) == (403, b"") and not side.handshake()


def test_another_accounts_message_is_refused(sealing: Platform, quiet: object) -> None:
    other = platform(sealing.url, sealing.mode, receiver="wxffffffffffffffff")
    assert other.message(OPENID, MsgType="text", Content="秘密", MsgId="1").status == 403
    other = platform(sealing.url, sealing.mode, aes_key=KEY[::-1])
    assert other.message(OPENID, MsgType="text", Content="秘密", MsgId="1").status == 403


def test_plaintext_is_refused_where_messages_are_encrypted(sealing: Platform, quiet: object) -> None:
    query, body = platform(sealing.url, "plaintext").sealed(secret(sealing), OPENID)
    assert sealing.request("POST", query, body).status == 403


@pytest.mark.parametrize("cut", [1, 4, 16, 64])
def test_a_truncated_ciphertext_is_refused(sealing: Platform, quiet: object, cut: int) -> None:
    encrypted = sealing.encrypt(secret(sealing))[:-cut]
    assert _post_encrypted(sealing, encrypted) == 403


def test_bad_padding_is_refused(sealing: Platform, quiet: object) -> None:
    for end in (b"\x00" * 16, b"\xff" * 16, b"\x03" + b"\x10" * 15):
        content = b"r" * 16 + (6).to_bytes(4, "big") + "秘密".encode() + RECEIVER.encode()
        assert _post_encrypted(sealing, sealing.encrypted(content + b"\x10" * (-len(content) % 16) + end)) == 403


HOSTILE = {
    "no xml": "hello", "empty": "", "not closed": "<xml><MsgType>text</MsgType>", "no fields": "<xml/>",
    "bomb": '<!DOCTYPE xml [<!ENTITY a "秘密"><!ENTITY b "' + "&a;" * 1000 + '">]><xml><Content>&b;</Content></xml>',
    "external": '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><Content>&x;</Content></xml>',
    "no sender": "<xml><ToUserName>gh_1</ToUserName><CreateTime>1</CreateTime><MsgType>text</MsgType></xml>",
    "odd time": "<xml><ToUserName>a</ToUserName><FromUserName>b</FromUserName><CreateTime>x</CreateTime><MsgType>text</MsgType></xml>",
}


@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_message_is_refused(side: Platform, quiet: object, document: str) -> None:
    reply = side.request("POST", *side.sealed(document))
    # Where the document itself has to carry the ciphertext (compatible mode), there may be none to open.
    assert reply.status in ((400, 403) if side.mode == "compatible" else (400,)) and reply.raw == b""


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00\xd8", b"\x00" * 1000, "<xml>你</xml>".encode("gbk"), b"<xml><a>" * 5000])
def test_bytes_that_are_no_text_are_refused(side: Platform, quiet: object, body: bytes) -> None:
    query, _ = side.sealed(secret(side), OPENID)
    assert side.request("POST", query, body).status in (400, 403)


def test_a_megabyte_is_refused(side: Platform, quiet: object) -> None:
    query, _ = side.sealed(secret(side), OPENID)
    try:
        status = side.request("POST", query, b"<xml>" + b"x" * 1_000_000).status
    except OSError:  # the service hung up before all was sent
        status = 413
    assert status == 413 and side.handshake()


def test_a_request_that_breaks_off_is_refused(side: Platform, quiet: pytest.LogCaptureFixture) -> None:
    query, body = side.sealed(secret(side), OPENID)
    address = urlsplit(side.url)
    with socket.create_connection((str(address.hostname), address.port or 80)) as line:
        head = f"POST {address.path}?{urlencode(query)} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        line.sendall(head.encode() + body[:-10])
    for _ in range(100):
        if "请求中途断了" in quiet.text:
            break
        time.sleep(0.02)
    assert "请求中途断了" in quiet.text and side.handshake()


def test_a_store_that_fails_is_excused(
    tmp_path: Path, quiet: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with served("secure", FakeAssistant(), settings_for("secure", tmp_path, reply_within=0.2)) as side:
        monkeypatch.setattr(MessageStore, "claim", full)
        monkeypatch.setattr(MessageStore, "put_off", full)
        reply = side.say(OPENID, "秘密")
    assert (reply.status, reply.text) == (200, phrases().broken) and "disk is full" in quiet.text


def test_other_methods_are_refused_and_told_which_there_are(side: Platform) -> None:
    with httpx.Client() as client:
        reply = client.put(side.url)
    assert reply.status_code == 405 and set(reply.headers["allow"].split(", ")) == {"GET", "POST"}


def test_a_handshake_without_its_parts_is_refused(side: Platform, quiet: object) -> None:
    for query in ({}, {"echostr": "1"}, {"signature": "", "msg_signature": "", "timestamp": "", "nonce": "", "echostr": "秘密"}):
        reply = side.request("GET", query)
        assert (reply.status, reply.raw) == (403, b"")


def _post_encrypted(side: Platform, encrypted: str) -> int:
    timestamp, nonce = side.now(), side.nonce()
    query = {
        "timestamp": timestamp, "nonce": nonce, "signature": side.sign(timestamp, nonce), "encrypt_type": "aes",
        "msg_signature": side.sign(timestamp, nonce, encrypted),
    }
    body = f"<xml><ToUserName>gh_1</ToUserName><Encrypt>{encrypted}</Encrypt></xml>"
    return side.request("POST", query, body.encode()).status


# --- what is kept -----------------------------------------------------------------------------------------------


def test_nothing_kept_or_logged_names_a_person(
    data_dir: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(data_dir / "index", tmp_path / "index")
    person = Assistant(Settings(data_dir=tmp_path))
    asked = "手机13800138000，身份证450103199001011234，招了5个应届生能领多少？"
    with caplog.at_level(logging.DEBUG):
        for mode in MODES:
            with served(mode, person, settings_for(mode, tmp_path)) as side:
                assert "扩岗补助" in side.say(OPENID, asked).text
                side.say(OPENID, asked, "重")
                side.event(OPENID, "subscribe")
    person.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    rows = "".join(line for path in tmp_path.glob("*.sqlite") for line in sqlite3.connect(path).iterdump())
    for secret in (OPENID, "13800138000", "450103199001011234"):
        assert secret.encode() not in kept and secret not in rows and secret not in caplog.text
    assert PHONE.encode() in kept and IDENTITY.encode() in kept  # the words around them are there
    assert "POST /wechat HTTP" in caplog.text and "openid" not in caplog.text


# --- settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "lacking"),
    [
        ({}, ["ASSISTANT_WECHAT_TOKEN"]), ({"wechat_token": "t"}, []),
        ({"wechat_token": "t", "wechat_aes_key": KEY}, ["ASSISTANT_WECHAT_APP_ID"]),
        ({"wechat_token": "t", "wechat_app_secret": "s"}, ["ASSISTANT_WECHAT_APP_ID"]),
        ({"wechat_token": "t", "wechat_aes_key": KEY, "wechat_app_id": "wx1"}, []),
    ],
)
def test_what_wechat_lacks(given: dict[str, Any], lacking: list[str]) -> None:
    assert wechat.missing(Settings(**given)) == lacking


def test_what_wecom_lacks() -> None:
    assert wecom.missing(Settings()) == ["ASSISTANT_WECOM_TOKEN", "ASSISTANT_WECOM_AES_KEY", "ASSISTANT_WECOM_CORP_ID"]
    assert wecom.missing(Settings(wecom_token="t", wecom_aes_key=KEY, wecom_corp_id="ww1")) == []  # type: ignore[arg-type]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="ASSISTANT_DATA_DIR"):
        wechat.router(FakeAssistant(), settings_for("secure", tmp_path / "file" / "data"))  # type: ignore[arg-type]


def test_encrypted_messages_without_a_key_are_explained(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with served("plaintext", FakeAssistant(), settings_for("plaintext", tmp_path)) as side:
        assert platform(side.url, "secure").say(OPENID, "秘密").status == 403
    assert "没有设置 EncodingAESKey" in caplog.text


def test_a_key_that_is_none_is_named_and_not_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ASSISTANT_WECHAT_AES_KEY.*43") as error:
        wechat.router(FakeAssistant(), settings_for("secure", tmp_path, wechat_aes_key="sesame"))  # type: ignore[arg-type]
    assert "sesame" not in str(error.value)
