"""A model that takes long: a reply within five seconds every time, the late answer once, retries change nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assistant.channels.wechat_api import ApplicationMessageApi, CustomerServiceApi, SendFailed
from assistant.channels.wechat_desk import MOST_OF_ONE
from assistant.channels.wechat_messages import phrases
from assistant.channels.wechat_simulator import MessageServer, Platform, Reply, message_server
from assistant.channels.wechat_store import MessageStore
from assistant.service import Assistant
from tests.assistant.channels.wechat_service import (
    FakeAssistant,
    On2025,
    served,
    service_process,
    settings_for,
)
from tests.assistant.model_server import after, calls, model_server, says

PERSON = "oTestPerson_0123456789-abcdef"
WITHIN = 0.4
"""Seconds to reply, in place of 4.5, where a test need not be true to life."""
LATER = 1.6
"""Seconds that the model takes there."""


@pytest.fixture
def api() -> Iterator[MessageServer]:
    with message_server() as server:
        yield server


def until(true: Callable[[], Any], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_late_answer_waits_to_be_asked_for(tmp_path: Path) -> None:
    fake = FakeAssistant(LATER)
    with served("secure", fake, settings_for("secure", tmp_path, reply_within=WITHIN)) as side:
        first = [side.say(PERSON, "问题", "1") for _ in range(3)]
        assert {reply.text for reply in first} == {phrases().thinking}
        assert side.say(PERSON, "继续", "2").text == phrases().still_thinking
        until(lambda: side.say(PERSON, "继续").text == "答：问题")
        assert side.say(PERSON, "继续").text == phrases().nothing_left
        assert side.say(PERSON, "继续", "2").text == phrases().still_thinking  # a retry is told what it was told
        assert side.say(PERSON, "问题", "1").text == phrases().thinking
    assert all(reply.seconds < WITHIN + 0.6 for reply in first) and len(fake.asked) == 1


def test_the_answer_comes_while_the_person_waits_for_it(tmp_path: Path) -> None:
    with served("plaintext", FakeAssistant(1.3), settings_for("plaintext", tmp_path, reply_within=1)) as side:
        assert side.say(PERSON, "问题").text == phrases().thinking
        assert side.say(PERSON, "继续").text == "答：问题"


@pytest.mark.parametrize("mode", ["secure", "wecom"])
def test_a_late_answer_is_sent_once(mode: Any, tmp_path: Path, api: MessageServer) -> None:
    more = {"wecom_secret": "s", "wecom_api_url": api.url} if mode == "wecom" else {"wechat_app_secret": "s", "wechat_api_url": api.url}
    fake = FakeAssistant(LATER, text="答：{}。".format)
    with served(mode, fake, settings_for(mode, tmp_path, reply_within=WITHIN, **more)) as side:
        first = [side.say(PERSON, "问题", "1") for _ in range(3)]
        until(lambda: api.sent)
        again = side.say(PERSON, "问题", "1")
        assert {reply.text for reply in [*first, again]} == {phrases().thinking_will_send}
        assert side.say(PERSON, "继续").text == phrases().nothing_left
        assert side.say("oSomebodyElse", "别的问题").text == phrases().thinking_will_send
    assert api.sent == [(PERSON, "答：问题。"), ("oSomebodyElse", "答：别的问题。")]
    assert api.tokens == 1 and len(fake.asked) == 2


def test_a_long_late_answer_is_sent_in_order(tmp_path: Path, api: MessageServer) -> None:
    long = "".join(f"第{number}句话，写明各项条件和标准。" for number in range(1, 150))
    given = settings_for("secure", tmp_path, reply_within=WITHIN, wechat_app_secret="s", wechat_api_url=api.url)
    with served("secure", FakeAssistant(LATER, text=lambda _: long), given) as side:
        side.say(PERSON, "全部政策")
    assert "".join(text for _, text in api.sent) == long and len(api.sent) == 4


def test_what_cannot_be_sent_waits_to_be_asked_for(tmp_path: Path) -> None:
    given = settings_for("secure", tmp_path, reply_within=WITHIN, wechat_app_secret="s", wechat_api_url="http://127.0.0.1:9")
    with served("secure", FakeAssistant(LATER), given) as side:
        assert side.say(PERSON, "问题").text == phrases().thinking_will_send
        until(lambda: side.say(PERSON, "继续").text == "答：问题")


def test_an_answer_outlives_whatever_happens_to_its_sending(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr(CustomerServiceApi, "send", broken)
    given = settings_for("secure", tmp_path, reply_within=0.1, wechat_app_secret="s")
    with served("secure", FakeAssistant(0.4), given) as side:
        side.say(PERSON, "问题")
        until(lambda: side.say(PERSON, "继续").text == "答：问题")


def test_retries_at_the_same_moment_are_one_turn(tmp_path: Path) -> None:
    fake = FakeAssistant(0.2)
    with served("secure", fake, settings_for("secure", tmp_path)) as side, ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda _: side.say(PERSON, "问题", "1").text, range(8)))
    assert set(replies) == {"答：问题"} and len(fake.asked) == 1


def test_one_person_cannot_take_all_threads(tmp_path: Path) -> None:
    given = settings_for("plaintext", tmp_path, reply_within=2, reply_threads=MOST_OF_ONE + 1)
    with served("plaintext", FakeAssistant(1), given) as side, ThreadPoolExecutor(10) as pool:
        flood = [pool.submit(side.say, PERSON, f"问题{number}") for number in range(9)]
        time.sleep(0.3)
        other = side.say("oSomebodyElse", "我的问题")
    assert other.text == "答：我的问题" and other.seconds < 1.5
    assert sum(reply.result().text == phrases().one_by_one for reply in flood) == 9 - MOST_OF_ONE


def test_whoever_waits_when_the_service_ends_is_told_to_ask_again(tmp_path: Path) -> None:
    given = settings_for("plaintext", tmp_path, reply_within=0.2, reply_threads=1)
    fake = FakeAssistant(0.8)
    with served("plaintext", fake, given) as side:
        assert side.say(PERSON, "先到").text == side.say("oSomebodyElse", "后到").text == phrases().thinking
    with served("plaintext", fake, given) as side:
        assert side.say(PERSON, "继续").text == "答：先到"
        assert side.say("oSomebodyElse", "继续").text == phrases().interrupted
    assert len(fake.asked) == 1


@contextmanager
def two_processes(folder: Path, **settings: str) -> Iterator[tuple[list[Platform], Path]]:
    """The same service twice, sharing the data folder, and a file with the questions that the models got."""
    notes = folder / "notes"
    given = {"ASSISTANT_DATA_DIR": str(folder / "data"), "ASSISTANT_REPLY_WITHIN": str(WITHIN), **settings}
    with ThreadPoolExecutor(2) as pool, ExitStack() as stack:
        services = [service_process(str(LATER), str(notes), **given) for _ in range(2)]
        yield list(pool.map(stack.enter_context, services)), notes


def test_two_processes_answer_a_message_once(tmp_path: Path, api: MessageServer) -> None:
    settings = {"ASSISTANT_WECHAT_APP_SECRET": "s", "ASSISTANT_WECHAT_API_URL": api.url}
    with two_processes(tmp_path, **settings) as (sides, notes), ThreadPoolExecutor(12) as pool:
        jobs = [pool.submit(sides[n % 2].say, f"o{n // 4}", f"问题{n // 4}", "1") for n in range(12)]
        replies = {job.result().text for job in jobs}
        assert replies == {phrases().thinking_will_send}
        until(lambda: len(api.sent) == 3)
        time.sleep(0.3)
        assert sides[1].say("o0", "问题0", "1").text == sides[0].say("o0", "问题0", "1").text == phrases().thinking_will_send
        assert sides[0].say("o1", "重新开始", "2").text == sides[1].say("o1", "重新开始", "2").text
        assert sorted(api.sent) == [(f"o{n}", f"答：问题{n}") for n in range(3)]
        assert sorted(notes.read_text().split()) == ["问题0", "问题1", "问题2"]
        assert api.tokens == 1


def test_what_one_process_keeps_the_other_tells(tmp_path: Path) -> None:
    with two_processes(tmp_path) as (sides, _):
        assert sides[0].say(PERSON, "问题").text == phrases().thinking
        assert sides[1].say(PERSON, "继续").text == phrases().still_thinking
        until(lambda: sides[1].say(PERSON, "继续").text == "答：问题")
        assert sides[0].say(PERSON, "继续").text == phrases().nothing_left


# --- the platform's API -----------------------------------------------------------------------------------------


def customer_service(api_url: str, folder: Path) -> CustomerServiceApi:
    return CustomerServiceApi(api_url, "wx1", lambda: "s", MessageStore(folder), folder)


def test_an_access_token_is_fetched_once_and_again_when_it_is_refused(tmp_path: Path, api: MessageServer) -> None:
    first, second = customer_service(api.url, tmp_path), customer_service(api.url, tmp_path)
    with ThreadPoolExecutor(8) as pool:
        for job in [pool.submit((first, second)[n % 2].send, PERSON, f"{n}") for n in range(8)]:
            job.result()
    assert api.tokens == 1 and len(api.sent) == 8
    api.tokens += 1  # somebody else has fetched one: ours is no good any more
    first.send(PERSON, "后来的")
    assert api.tokens == 3 and api.sent[-1] == (PERSON, "后来的")


def test_an_old_access_token_is_not_used(tmp_path: Path) -> None:
    store = MessageStore(tmp_path)
    store.keep_access_token("wechat:wx1", "old", 30)
    assert store.access_token("wechat:wx1") == ""
    store.keep_access_token("wechat:wx1", "new", 7200)
    assert store.access_token("wechat:wx1") == "new" and store.access_token("wecom:ww1:1") == ""


def test_a_failure_names_neither_receiver_nor_secret(tmp_path: Path, api: MessageServer) -> None:
    with pytest.raises(SendFailed, match="45002"):
        customer_service(api.url, tmp_path).send(PERSON, "字" * 2000)
    with pytest.raises(SendFailed) as failed:
        customer_service("http://127.0.0.1:9", tmp_path / "x").send(PERSON, "x")
    assert PERSON not in str(failed.value)
    with pytest.raises(SendFailed, match="41004"):
        ApplicationMessageApi(api.url, "ww1", 1, str, MessageStore(tmp_path), tmp_path).send(PERSON, "x")


def test_rows_do_not_pile_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, now = MessageStore(tmp_path), time.time()
    store.claim("a", "p")
    store.settle("a", ["1", "2"])
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    store.claim("b", "p")
    assert store.reply("a") is None and not store.tell_next("b", "")


def test_a_turn_that_was_lost_does_not_keep_the_person_waiting(tmp_path: Path) -> None:
    store = MessageStore(tmp_path, abandoned_after=0.05)
    store.claim("a", "p")
    assert store.busy("p")
    time.sleep(0.1)
    assert not store.busy("p")


def test_threads_share_a_store(tmp_path: Path) -> None:
    store = MessageStore(tmp_path)
    with ThreadPoolExecutor(16) as pool:
        claimed = list(pool.map(lambda n: store.claim(f"k{n % 10}", "p"), range(200)))
    assert sum(claimed) == 10 and threading.active_count() < 50


# --- true to life -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", autouse=True)
def lifelike(data_dir: Path) -> Iterator["Future[Lifelike]"]:
    """Twenty seconds pass while the other tests run."""
    with ThreadPoolExecutor(1) as pool:
        yield pool.submit(live, data_dir)


@dataclass
class Lifelike:
    """What the platform saw, and how often the model was asked."""

    replies: list[Reply]
    sent: list[tuple[str, str]]
    requests: int


def live(data_dir: Path) -> Lifelike:
    """The whole service with an OpenAI-compatible model that takes twenty seconds for its answer."""
    question = "我们公司招了5个应届毕业生，都签了合同，三险都交满4个月了，扩岗补助能领多少？"
    first, then = calls("job_expansion_subsidy", hires=[{"heads": 5}]), after(20, says("您可以领7500元：5人×1500元。"))
    with message_server() as api, model_server(lambda number, body: then(number, body) if number else first) as model:
        given = settings_for(
            "secure", data_dir, model="openai:m", model_base_url=model.url, model_api_key="k", wechat_app_secret="s",
            wechat_api_url=api.url,
        )
        assistant = Assistant(given)
        with served("secure", On2025(assistant), given) as side:
            replies = []
            for _ in range(3):  # the platform comes back every five seconds
                began = time.monotonic()
                replies.append(side.say(PERSON, question, "1"))
                time.sleep(max(0.0, began + 5 - time.monotonic()))
            until(lambda: api.sent, 20)
            replies.append(side.say(PERSON, question, "1"))
        assistant.close()
        return Lifelike(replies, api.sent, len(model.bodies))


def test_a_model_of_twenty_seconds(lifelike: "Future[Lifelike]") -> None:
    seen = lifelike.result(60)
    assert {reply.text for reply in seen.replies} == {phrases().thinking_will_send}
    assert 4.4 < seen.replies[0].seconds < 5 and all(reply.seconds < 5 for reply in seen.replies)
    assert len(seen.sent) == 1 and seen.sent[0][0] == PERSON and "7500元" in seen.sent[0][1] and seen.requests == 2
