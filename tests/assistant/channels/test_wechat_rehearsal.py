"""``simulate``: the platform's side from the command line, against a running service."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from assistant.channels.wechat_messages import phrases
from assistant.channels.wechat_simulator import Mode, message_server
from tests.assistant.channels.conftest import Done
from tests.assistant.channels.wechat_service import KEY, RECEIVER, TOKEN, FakeAssistant, served, settings_for
from tests.conftest import ROOT


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    for channel, receiver in (("WECHAT", "APP_ID"), ("WECOM", "CORP_ID")):
        monkeypatch.setenv(f"ASSISTANT_{channel}_TOKEN", TOKEN)
        monkeypatch.setenv(f"ASSISTANT_{channel}_AES_KEY", KEY)
        monkeypatch.setenv(f"ASSISTANT_{channel}_{receiver}", RECEIVER)


@pytest.mark.parametrize("mode", ["compatible", "secure", "wecom"])
@pytest.mark.usefixtures("account")
def test_a_conversation_from_the_command_line(mode: Mode, cli: Callable[..., Done], tmp_path: Path) -> None:
    fake = FakeAssistant()
    channel, how = ("wecom", []) if mode == "wecom" else ("wechat", ["--mode", mode])
    with served(mode, fake, settings_for(mode, tmp_path)) as side:
        words = ["问题", "/重发", "/语音 说话", "/菜单 点击", "/图片", "重新开始"]
        code, out, err = cli("simulate", channel, *words, "--url", side.url, *how)
        _, typed, _ = cli("simulate", channel, "--url", side.url, *how, stdin="一\n\n二\n")
    replies = ["答：问题", "答：问题", "答：说话", "答：点击", phrases().kinds["image"], phrases().restarted]
    assert (code, out.splitlines(), typed.splitlines()) == (0, replies, ["答：一", "答：二"])
    assert "验证通过" in err and len(fake.asked) == 5


@pytest.mark.usefixtures("account")
def test_messages_of_its_own_are_shown(
    cli: Callable[..., Done], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with message_server() as free:
        api = free.url
    monkeypatch.setenv("ASSISTANT_WECHAT_API_URL", api)
    given = settings_for("secure", tmp_path, reply_within=0.1, wechat_app_secret="s", wechat_api_url=api)
    with served("secure", FakeAssistant(0.4), given) as side:
        _, out, _ = cli("simulate", "wechat", "问题", "/等待 1", "--url", side.url)
    assert out.splitlines() == [phrases().thinking_will_send, "【主动消息】答：问题"]


@pytest.mark.parametrize(
    ("arguments", "code", "problem"),
    [
        (["telegram"], 2, "没有“telegram”；可用：wechat、wecom"), ([], 2, "缺少参数"),
        (["wechat", "--mode", "rot13"], 2, "可用：plaintext、compatible、secure"),
        (["wechat", "x", "--url", "http://127.0.0.1:9/wechat"], 1, "连不上服务"),
    ],
)
@pytest.mark.usefixtures("account")
def test_what_is_wrong_is_said_in_a_line(arguments: list[str], code: int, problem: str, cli: Callable[..., Done]) -> None:
    done = cli("simulate", *arguments)
    assert done[0] == code and problem in done[2] and done[2].count("\n") == 1


def test_without_an_account_there_is_nothing_to_simulate(cli: Callable[..., Done]) -> None:
    code, _, err = cli("simulate", "wechat", "x")
    assert code == 1 and "ASSISTANT_WECHAT_" in err


@pytest.mark.usefixtures("account")
def test_another_token_does_not_pass(cli: Callable[..., Done], tmp_path: Path) -> None:
    with served("secure", FakeAssistant(), settings_for("secure", tmp_path, wechat_token="another")) as side:
        code, _, err = cli("simulate", "wechat", "x", "--url", side.url)
    assert code == 1 and "没有通过验证" in err


@pytest.mark.parametrize("page", ["wechat", "wecom"])
def test_the_pages_name_settings_that_exist(page: str) -> None:
    text = (ROOT / "docs" / "channels" / f"{page}.md").read_text("utf-8")
    known = (ROOT / ".env.example").read_text("utf-8")
    names = set(re.findall(r"ASSISTANT_[A-Z_]+", text))
    assert names and all(f"#{name}=" in known for name in names)
    for target in re.findall(r"\]\(([^)#]+)", text):
        assert (ROOT / "docs" / "channels" / target).exists()


def test_the_phrases_fit_into_a_message() -> None:
    texts = yaml.safe_load((ROOT / "assistant" / "channels" / "messages.yaml").read_text("utf-8"))
    for text in [*filter(lambda t: isinstance(t, str), texts.values()), *texts["kinds"].values()]:
        assert 0 < len(text.encode()) <= 1024
