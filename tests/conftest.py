"""What all tests share: no settings from outside, and one data folder with a ready index (building takes seconds)."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.service import Assistant
from assistant.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


def pytest_configure() -> None:
    """A developer's own settings must not decide whether tests pass."""
    Settings.model_config["env_file"] = None
    for name in [name for name in os.environ if name.upper().startswith(PREFIX)]:
        del os.environ[name]


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    load_settings.cache_clear()
    yield
    load_settings.cache_clear()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    assistant = Assistant(Settings(data_dir=folder))
    assistant.prepare()
    assistant.close()
    return folder


@pytest.fixture(scope="session")
def assistant(data_dir: Path) -> Iterator[Assistant]:
    """The assistant with its embedded model."""
    service = Assistant(Settings(data_dir=data_dir))
    yield service
    service.close()


@pytest.fixture
def run(data_dir: Path, tmp_path: Path) -> Run:
    """Run a Python program of the project in a process of its own, on the ready index."""

    def start(*command: str, stdin: str | bytes = "", **settings: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "0", "ASSISTANT_DATA_DIR": str(data_dir), **settings,
        }
        done = subprocess.run(
            [sys.executable, *command], input=stdin.encode() if isinstance(stdin, str) else stdin, capture_output=True,
            cwd=tmp_path, env=environment, timeout=120,
        )
        return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())

    return start
