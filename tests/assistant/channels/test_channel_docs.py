"""The examples in the channels' pages, run against the service: what they print is what the pages say."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.assistant.channels.serving import KEY
from tests.conftest import ROOT

PAGES = [ROOT / "docs" / "channels" / name for name in ("http.md", "mcp.md")]
WRITTEN = "http://127.0.0.1:7860"
CONSOLE = re.compile(r"```console\n(.*?)```", re.S)
PYTHON = re.compile(r"```python\n(.*?)```\n\n```text\n(.*?)```", re.S)


def commands() -> Iterator[tuple[str, str]]:
    """(command, what it prints) of every console block."""
    for page in PAGES:
        for block in CONSOLE.findall(page.read_text("utf-8")):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, output = part.partition("\n")
                yield command, output


def programs() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        yield from PYTHON.findall(page.read_text("utf-8"))


def run(command: list[str], address: str, data_dir: Path, folder: Path) -> str:
    environment = {
        **os.environ, "KEY": KEY, "PYTHONPATH": str(ROOT), "ASSISTANT_DATA_DIR": str(data_dir), "PYTHONUTF8": "1",
    }
    command = [part.replace(WRITTEN, address) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=folder, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_the_commands_print_what_the_page_says(service_address: str, data_dir: Path, tmp_path: Path) -> None:
    found = list(commands())
    assert len(found) > 8
    for command, output in found:
        printed = run(["bash", "-c", command], service_address, data_dir, tmp_path)
        assert printed.strip() == output.strip(), command


@pytest.mark.parametrize(("program", "output"), list(programs()))
def test_the_programs_print_what_the_page_says(
    program: str, output: str, service_address: str, data_dir: Path, tmp_path: Path
) -> None:
    given = f"import os\nKEY = os.environ['KEY']\n{program}"
    assert run([sys.executable, "-c", given], service_address, data_dir, tmp_path) == output
