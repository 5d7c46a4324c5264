"""A database that two processes open at the same moment."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.database import open_database


def test_opening_waits_while_another_holds_the_new_file(tmp_path: Path) -> None:
    path = tmp_path / "shared.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        open_database(path, timeout=0.1)
    threading.Timer(0.3, other.rollback).start()
    assert open_database(path, timeout=10).execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_many_can_open_a_new_file_at_once(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        opened = list(pool.map(lambda n: open_database(tmp_path / f"{n // 16}", timeout=10), range(160)))
    assert all(c.execute("PRAGMA journal_mode").fetchone() == ("wal",) for c in opened)


def test_with_autocommit_every_statement_is_kept_at_once(tmp_path: Path) -> None:
    with open_database(tmp_path / "x", timeout=1, autocommit=True) as one:
        one.execute("CREATE TABLE t (n)")
        one.execute("INSERT INTO t VALUES (1)")
        assert open_database(tmp_path / "x", timeout=1).execute("SELECT n FROM t").fetchone() == (1,)
