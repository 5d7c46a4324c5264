"""``simulate``: talk with a running bot from the terminal, with the platform played by this machine."""

import re
import sys
import time
import urllib.error
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from assistant.channels.wechat_simulator import Mode, Platform, Reply, message_server
from assistant.settings import Settings, SettingsError

HELP = "输入要说的话；/关注 /图片 /语音 文字 /菜单 文字 是别的消息，/重发 把上一句原样再发一次，/等待 秒 等一等主动消息；按 Ctrl+D 结束。"
T = TypeVar("T")
_LOCAL = ("127.0.0.1", "localhost", "::1")


class NoBot(Exception):
    """The bot cannot be talked with: one Chinese line that says why."""


def platform_for(channel: str, settings: Settings, url: str = "", mode: str = "") -> Platform:
    """The platform with the account of the settings. Raises SettingsError when the channel is not set up."""
    if channel == "wecom":
        names, token, key, receiver = "ASSISTANT_WECOM_*", settings.wecom_token, settings.wecom_aes_key, settings.wecom_corp_id
    else:
        names, token, key, receiver = "ASSISTANT_WECHAT_*", settings.wechat_token, settings.wechat_aes_key, settings.wechat_app_id
    secret = key.get_secret_value()
    chosen = _mode(channel, mode or ("secure" if secret else "plaintext"))
    if not token.get_secret_value() or (chosen != "plaintext" and not (secret and receiver)):
        raise SettingsError(f"先把 {names} 设好：模拟器和服务用同一份设置（见 docs/channels/{channel}.md）")
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = url or f"http://{host}:{settings.port}/{channel}"
    return Platform(address, token.get_secret_value(), secret, receiver, chosen)


def _mode(channel: str, mode: str) -> Mode:
    if channel == "wecom":
        return "wecom"
    return "secure" if mode == "secure" else "compatible" if mode == "compatible" else "plaintext"


def rehearse(platform: Platform, api_url: str, person: str, words: Iterable[str]) -> None:
    """Verify the address, send each message, print each reply to stdout. Raises NoBot."""
    with _messages_of_its_own(api_url):
        if not _try(platform.handshake):
            raise NoBot(f"{platform.url} 没有通过验证：核对 Token、EncodingAESKey 和 {_id_name(platform)}")
        print("验证通过。", file=sys.stderr)
        for reply in _sent(platform, person, words):
            if reply.status != 200:
                raise NoBot(f"服务拒绝了这条消息（HTTP {reply.status}），原因见服务的日志")
            print(reply.text or "（没有回复）", flush=True)
            print(f"— {reply.seconds:.2f} 秒，{len(reply.text.encode())} 字节", file=sys.stderr)


def _id_name(platform: Platform) -> str:
    return "企业ID" if platform.mode == "wecom" else "AppID"


def _sent(platform: Platform, person: str, words: Iterable[str]) -> Iterator[Reply]:
    send: Callable[[], Reply] | None = None
    for line in words:
        if pause := re.fullmatch(r"/等待 ?(\d{1,3})", line.strip()):
            time.sleep(int(pause[1]))
            continue
        if line.strip() == "/重发" and send:
            pass
        elif line.strip():
            send = _message(platform, person, line.strip(), str(time.time_ns()))
        else:
            continue
        yield _try(send)


def _message(platform: Platform, person: str, line: str, number: str) -> Callable[[], Reply]:
    """How to send what a line of input stands for; each time the same message."""
    created = int(platform.now())
    name, _, rest = line.partition(" ")
    match name:
        case "/关注":
            return lambda: platform.event(person, "subscribe", created=created)
        case "/菜单":
            return lambda: platform.event(person, "CLICK", rest, created)
        case "/图片":
            return lambda: platform.message(person, MsgType="image", PicUrl="http://localhost/", MsgId=number)
        case "/语音":
            return lambda: platform.message(person, MsgType="voice", Recognition=rest, MsgId=number)
    return lambda: platform.say(person, line, number)


def _try(call: Callable[[], T]) -> T:
    try:
        return call()
    except urllib.error.URLError as error:
        raise NoBot(f"连不上服务（{error.reason}）：先运行 python -m assistant serve") from None
    except (OSError, ValueError) as error:
        raise NoBot(f"服务的回复平台不会接受（{type(error).__name__}: {error}）") from None


@contextmanager
def _messages_of_its_own(api_url: str) -> Iterator[None]:
    """Receive what the bot sends by the platform's API, when its settings point to this machine."""
    address = urlsplit(api_url)
    with ExitStack() as stack:
        if address.hostname in _LOCAL and address.port:
            try:
                stack.enter_context(message_server(address.port, lambda person, text: print(f"【主动消息】{text}", flush=True)))
            except OSError:
                print(f"端口 {address.port} 已被占用，看不到主动消息。", file=sys.stderr)
        yield
