"""Nothing leaves the machine: building the index and asking work with every way out closed, and none is tried."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT, Run

GUARD = str(ROOT / "tests" / "offline.py")
QUESTION = "我们公司招了5个应届毕业生，签了合同，社保交满3个月，能领多少钱？"
ASK = ("ask", QUESTION, "--as-of", "2025-09-01", "--json")
CAN_CUT_OFF = shutil.which("unshare") is not None and not subprocess.run(["unshare", "-rn", "true"], check=False).returncode


@pytest.mark.parametrize("address", ["('203.0.113.1', 80)", "('example.com', 80)"])
def test_the_guard_itself_stops_and_notes_what_is_tried(run: Run, tmp_path: Path, address: str) -> None:
    (tmp_path / "phone_home.py").write_text(f"import socket; socket.create_connection({address})", "utf-8")
    done = run(GUARD, str(tmp_path / "log"), "phone_home", PYTHONPATH=str(tmp_path))
    assert done.returncode != 0 and "offline" in done.stderr
    assert eval(address)[0] in (tmp_path / "log").read_text("utf-8")


def test_index_ask_and_search_try_no_connection(run: Run, tmp_path: Path) -> None:
    log, data = tmp_path / "log", str(tmp_path / "data")
    assert run(GUARD, str(log), "assistant", "index", ASSISTANT_DATA_DIR=data).returncode == 0
    done = run(GUARD, str(log), "assistant", *ASK, ASSISTANT_DATA_DIR=data)
    assert json.loads(done.stdout)["calculations"][0]["amount"] == "7500.00"
    assert json.loads(run(GUARD, str(log), "assistant", "search", "招不到人", "--json", ASSISTANT_DATA_DIR=data).stdout)
    assert not log.exists(), log.read_text("utf-8")


@pytest.mark.skipif(not CAN_CUT_OFF, reason="this system gives no process a network of its own")
def test_index_and_ask_without_any_network_interface(run: Run, tmp_path: Path) -> None:
    program = (
        "import subprocess, sys\n"
        f"sys.exit(subprocess.call(['unshare', '-rn', sys.executable, '-m', 'assistant', *{ASK!r}]))"
    )
    done = run("-c", program, ASSISTANT_DATA_DIR=str(tmp_path / "data"))
    assert json.loads(done.stdout)["calculations"][0]["amount"] == "7500.00"
