import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.channels.command_line import main

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
