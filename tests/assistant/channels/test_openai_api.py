"""The assistant as a model, used with OpenAI's own client."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from assistant.answer import Answer
from assistant.channels.openai_api import Sessions
from assistant.channels.openai_format import MODEL, Turns
from assistant.service import Assistant
from tests.assistant.channels.serving import (
    DAY,
    FOLLOW_UP,
    KEY,
    OTHER_KEY,
    QUESTION,
    client_of,
    serving,
    settings_with,
)

ON_THAT_DAY = {"as_of": DAY}


@pytest.fixture(scope="module")
def client(service_address: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{service_address}/v1", api_key=KEY, max_retries=0) as client:
        yield client


def say(client: openai.OpenAI, messages: list[Any], **more: Any) -> Any:
    return client.chat.completions.create(model=MODEL, messages=messages, extra_body=ON_THAT_DAY, **more)


def user(text: str) -> dict[str, str]:
    return {"role": "user", "content": text}


def assistant_said(text: str) -> dict[str, str]:
    return {"role": "assistant", "content": text}


def test_the_model_is_listed(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == [MODEL]
    assert client.models.retrieve(MODEL).object == "model"
    with pytest.raises(openai.NotFoundError, match="没有名为“gpt-4o”的模型"):
        client.models.retrieve("gpt-4o")


def test_a_question_gets_an_answer_with_its_clauses(client: openai.OpenAI) -> None:
    completion = say(client, [user(QUESTION)], temperature=0.2, max_tokens=100)
    content = completion.choices[0].message.content
    assert "7500元" in content and "> 依据：第（一）条 “按每招用1人1500元的标准发放一次性扩岗补助”" in content
    assert completion.choices[0].finish_reason == "stop" and completion.object == "chat.completion"
    assert completion.usage.completion_tokens == len(content)
    assert completion.usage.total_tokens == completion.usage.prompt_tokens + len(content)
    assert Answer.model_validate(completion.model_extra["answer"]).status == "answered"


def test_the_conversation_carries_what_was_said(client: openai.OpenAI) -> None:
    first = say(client, [user(QUESTION)]).choices[0].message.content
    messages = [{"role": "system", "content": "说英文"}, user(QUESTION), assistant_said(first), user(FOLLOW_UP)]
    second = say(client, messages)
    assert "12000元" in second.choices[0].message.content
    messages += [assistant_said(second.choices[0].message.content), user("改成10个人")]
    assert "15000元" in say(client, messages).choices[0].message.content


def test_another_answer_to_the_same_question_starts_from_the_same_place(client: openai.OpenAI) -> None:
    first = say(client, [user(QUESTION)]).choices[0].message.content
    messages = [user(QUESTION), assistant_said(first)]
    again = [say(client, [*messages, user(question)]).choices[0].message.content for question in (FOLLOW_UP, "改成10个人", FOLLOW_UP)]
    assert "12000元" in again[0] and "15000元" in again[1] and again[2] == again[0]


def test_a_conversation_this_service_never_saw(client: openai.OpenAI) -> None:
    messages = [user(QUESTION), assistant_said("（别处的回答）"), user(FOLLOW_UP)]
    assert "12000元" in say(client, messages).choices[0].message.content


def test_a_conversation_of_another_key_is_nobody_elses(client: openai.OpenAI, service_address: str) -> None:
    first = say(client, [user(QUESTION)]).choices[0].message.content
    other = openai.OpenAI(base_url=f"{service_address}/v1", api_key=OTHER_KEY, max_retries=0)
    # The history is taken from the request alone: without the question in it, nothing is known.
    heard = say(other, [assistant_said(first), user(FOLLOW_UP)]).choices[0].message.content
    assert "12000" not in heard


def test_the_answer_streams(client: openai.OpenAI) -> None:
    chunks = list(say(client, [user(QUESTION)], stream=True, stream_options={"include_usage": True}))
    content = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert len(chunks) > 5 and content == say(client, [user(QUESTION)]).choices[0].message.content
    assert len({chunk.id for chunk in chunks}) == 1 and chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == [] and chunks[-1].usage.completion_tokens == len(content)
    answer = Answer.model_validate(chunks[-2].model_extra["answer"])
    assert str(answer.calculations[0].amount) == "7500.00"


def test_a_streamed_conversation_goes_on(client: openai.OpenAI) -> None:
    chunks = say(client, [user(QUESTION)], stream=True)
    first = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert "12000元" in say(client, [user(QUESTION), assistant_said(first), user(FOLLOW_UP)]).choices[0].message.content


def test_content_in_parts(client: openai.OpenAI) -> None:
    parts = [{"type": "text", "text": QUESTION[:10]}, {"type": "text", "text": QUESTION[10:]}]
    assert "7500元" in say(client, [{"role": "user", "content": parts}]).choices[0].message.content


@pytest.mark.parametrize(
    ("messages", "more", "message"),
    [
        ([], {}, "不能为空"),
        ([assistant_said("您好")], {}, "最后一条消息要是用户"),
        ([{"role": "system", "content": "您好"}], {}, "最后一条消息要是用户"),
        ([user("一")], {"n": 2}, "n 只能填 1"),
        ([user("一")], {"response_format": {"type": "json_object"}}, "response_format 只能填 text"),
        ([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}], {}, "只能处理文字"),
        ([{"role": "robot", "content": "一"}], {}, "messages.0.role"),
    ],
)
def test_what_cannot_be_answered(client: openai.OpenAI, messages: list[Any], more: dict[str, Any], message: str) -> None:
    with pytest.raises(openai.BadRequestError, match=message) as refused:
        say(client, messages, **more)
    assert refused.value.type == "invalid_request_error"


def test_errors_have_openais_form(client: openai.OpenAI, service_address: str, data_dir: Path) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        client.chat.completions.create(model="gpt-4o", messages=[user("一")])  # type: ignore[list-item]
    assert unknown.value.code == "no_model"
    stranger = openai.OpenAI(base_url=f"{service_address}/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError, match="密钥不能用") as wrong:
        say(stranger, [user("一")])
    assert wrong.value.code == "wrong_key"
    assistant = Assistant(settings_with(data_dir, api_rate=1))
    with serving(assistant) as address:
        hasty = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
        hasty.models.list()
        with pytest.raises(openai.RateLimitError, match="每分钟最多 1 次") as refused:
            hasty.models.list()
        assert refused.value.response.headers["retry-after"] == "60"
    assistant.close()


def test_a_broken_body_and_a_large_one(service_address: str) -> None:
    with client_of(service_address) as http:
        headers = {"content-type": "application/json"}
        broken: httpx.Response = http.post("/v1/chat/completions", content=b"{", headers=headers)
        assert broken.status_code == 400 and broken.json()["error"]["code"] == "bad_json"
        # A conversation is longer than a question may be, but not without end.
        long = {"model": MODEL, "messages": [assistant_said("好" * 40_000), user("招人有补贴吗")]}
        assert http.post("/v1/chat/completions", json=long).status_code == 200
        endless = http.post("/v1/chat/completions", content=b" " * 1_100_000, headers=headers)
        assert endless.status_code == 413 and endless.json()["error"]["type"] == "invalid_request_error"
        assert http.put("/v1/chat/completions").json()["error"]["code"] == "method"


def test_only_the_newest_conversations_are_found_again() -> None:
    sessions = Sessions()
    for number in range(5001):
        sessions.put(str(number), "session")
    assert sessions.take("0") is None and sessions.take("5000") == "session" and sessions.take("5000") is None


def test_a_conversation_is_named_by_all_that_was_said() -> None:
    turns = Turns([("user", "一"), ("assistant", "二")], "三")
    assert turns.key("a") != turns.key("b")
    assert turns.key_after("a", "四\n") == Turns([("user", "一"), ("assistant", "二"), ("user", "三"), ("assistant", "四")], "五").key("a")
    assert turns.key("a") != Turns([("user", "一二")], "三").key("a")


class Corrected(Assistant):
    """An assistant that takes back what it began to say; it notes which session each question is for."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: list[tuple[str, str | None]] = []

    def stream(self, question: str, session: str | None = None, as_of: Any = None) -> Iterator[str | Answer]:
        self.asked.append((question, session))
        yield from ("说错了", "\n\n更正：没有。")
        yield Answer(text="没有。", status="answered", session=session or "", model="embedded", elapsed_ms=0)


def test_a_conversation_is_known_by_what_was_shown(data_dir: Path) -> None:
    assistant = Corrected(settings_with(data_dir))
    with serving(assistant) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0)
        chunks = say(client, [user("一")], stream=True)
        shown = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
        list(say(client, [user("一"), assistant_said(shown), user("二")], stream=True))
    assert shown == "说错了\n\n更正：没有。"
    assert [question for question, _ in assistant.asked] == ["一", "二"], "nothing had to be said again"
    assert assistant.asked[0][1] == assistant.asked[1][1]
