"""One data folder with a ready index for all tests of the assistant: building it takes seconds."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.service import Assistant
from assistant.settings import Settings


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
