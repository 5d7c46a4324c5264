"""The callbacks served on this machine, with an assistant that answers as a test wants: ``served`` and ``FakeAssistant``.

Run as a program it is such a server in a process of its own; its settings come from the environment.
"""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from typing import Any

import uvicorn
from fastapi import FastAPI

from assistant.answer import Answer
from assistant.channels import wechat, wecom
from assistant.channels.wechat_simulator import Mode, Platform
from assistant.service import Assistant
from assistant.settings import Settings
from tests.conftest import ROOT

TOKEN = "conformance-token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
RECEIVER = "wx0123456789abcdef"


class FakeAssistant:
    """Says back what it was asked, after a while; keeps what it was asked, and in which session."""

    def __init__(self, seconds: float = 0, text: Callable[[str], str] = "答：{}".format, notes: Path | None = None) -> None:
        self.seconds, self.text, self.notes = seconds, text, notes
        self.asked: list[tuple[str, str]] = []

    def ask(self, question: str, session: str) -> Answer:
        self.asked.append((question, session))
        if self.notes:
            with self.notes.open("a") as file:
                file.write(f"{question}\n")
        time.sleep(self.seconds)
        return Answer(text=self.text(question), status="answered", session=session, model="fake", elapsed_ms=0)


class On2025:
    """An assistant on a day when the plan is in force."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant

    def ask(self, question: str, session: str) -> Answer:
        return self.assistant.ask(question, session, date(2025, 9, 1))


def settings_for(mode: Mode, data_dir: Path, **more: Any) -> Settings:
    """Settings of one channel in one mode."""
    if mode == "wecom":
        given = {"wecom_token": TOKEN, "wecom_aes_key": KEY, "wecom_corp_id": RECEIVER, "wecom_agent_id": 218}
    else:
        given = {"wechat_token": TOKEN, "wechat_aes_key": "" if mode == "plaintext" else KEY, "wechat_app_id": RECEIVER}
    return Settings(**{"data_dir": data_dir, **given, **more})


def platform(url: str, mode: Mode, **more: Any) -> Platform:
    """The other side of ``settings_for``."""
    return Platform(**{"url": url, "token": TOKEN, "aes_key": KEY, "receiver": RECEIVER, "mode": mode, **more})


@contextmanager
def served(mode: Mode, assistant: Any, settings: Settings) -> Iterator[Platform]:
    """The platform of a running service."""
    app = FastAPI()
    app.include_router((wecom if mode == "wecom" else wechat).router(assistant, settings))
    with socket.create_server(("127.0.0.1", 0)) as door:
        server = uvicorn.Server(uvicorn.Config(app, log_level="info", log_config=None, lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [door]})
        thread.start()
        try:
            while not server.started and thread.is_alive():
                time.sleep(0.01)
            yield platform(f"http://127.0.0.1:{door.getsockname()[1]}/{'wecom' if mode == 'wecom' else 'wechat'}", mode)
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def service_process(*arguments: str, **settings: str) -> Iterator[Platform]:
    """The service in secure mode in a process of its own: with ``SECONDS NOTES`` a FakeAssistant, else the real one."""
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_WECHAT_TOKEN": TOKEN, "ASSISTANT_WECHAT_AES_KEY": KEY,
        "ASSISTANT_WECHAT_APP_ID": RECEIVER, **settings,
    }
    program = [sys.executable, __file__, *arguments]
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            side = platform(f"http://127.0.0.1:{server.stdout.readline().strip()}/wechat", "secure")
            for _ in range(500):
                with suppress(OSError):
                    if side.handshake():
                        break
                time.sleep(0.02)
            yield side
        finally:
            server.terminate()


def main() -> None:
    """Print the port, serve until killed."""
    settings = Settings()
    assistant: Any
    if sys.argv[1:]:
        assistant = FakeAssistant(float(sys.argv[1]), notes=Path(sys.argv[2]))
    else:
        real = Assistant(settings)
        real.prepare()  # as every start of the service does
        assistant = On2025(real)
    app = FastAPI()
    app.include_router(wechat.router(assistant, settings))
    with socket.create_server(("127.0.0.1", 0)) as door:
        print(door.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[door])


if __name__ == "__main__":
    main()
