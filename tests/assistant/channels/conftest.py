import io
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.channels.command_line import main
from assistant.service import Assistant
from tests.conftest import ROOT

Done = tuple[int, str, str]


@pytest.fixture
def cli(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Done]:
    """Run a command in this process on the ready index: (exit code, stdout, stderr)."""
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(data_dir))

    def call(*arguments: str, stdin: str | bytes = "") -> Done:
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw)))
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="session")
def page_address(data_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The page, served by a process that can reach nothing but this machine, and does not try to."""
    folder = tmp_path_factory.mktemp("page")
    log, messages = folder / "tried", folder / "messages"
    command = [sys.executable, str(ROOT / "tests" / "offline.py"), str(log), "assistant", "serve", "--port", "0"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(data_dir)}
    with messages.open("w") as stderr, subprocess.Popen(command, cwd=folder, env=environment, stderr=stderr) as server:
        try:
            yield _address(server, messages)
        finally:
            server.terminate()
            server.wait(20)
    assert not log.exists(), log.read_text("utf-8")
    assert "Traceback" not in messages.read_text("utf-8")


def _address(server: "subprocess.Popen[bytes]", messages: Path) -> str:
    for _ in range(600):
        text = messages.read_text("utf-8")
        if found := re.search(r"http://127\.0\.0\.1:\d+", text):
            return found[0]
        if server.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the page did not start: {text}")


@pytest.fixture(scope="session")
def service_address(data_dir: Path) -> Iterator[str]:
    """The service with two API keys, on a loopback port."""
    from tests.assistant.channels.serving import serving, settings_with

    assistant = Assistant(settings_with(data_dir))
    with serving(assistant) as address:
        yield address
    assistant.close()
