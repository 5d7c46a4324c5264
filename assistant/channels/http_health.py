"""Whether the service is alive, and whether it can answer: the index searched, the stores written to."""

import logging
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from assistant.service import Assistant

_KEPT_SECONDS = 2.0
"""How long a result serves: whoever asks often does not load the stores."""
log = logging.getLogger(__name__)


class Health(BaseModel):
    status: Literal["alive"]


class Ready(BaseModel):
    """``checks``: each part and how it is."""

    ready: bool
    checks: dict[str, str]


class Readiness:
    """Whether an assistant can answer."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._checked = -_KEPT_SECONDS
        self._last = Ready(ready=False, checks={})

    def check(self) -> Ready:
        """Search the index, reach the conversations; what was found a moment ago still holds."""
        with self._lock:
            if time.monotonic() - self._checked > _KEPT_SECONDS:
                parts = {"检索索引": _index(self._assistant), "对话": _conversations(self._assistant.settings.data_dir)}
                checks = {name: why or "可用" for name, why in parts.items()}
                self._last = Ready(ready=not any(parts.values()), checks=checks)
                self._checked = time.monotonic()
            return self._last


def _index(assistant: Assistant) -> str:
    try:
        return "" if assistant.retriever.search("补贴", 1) else "查不到条款"
    except Exception as error:
        log.warning("检索索引不可用：%s", error)
        return "不可用"


def _conversations(folder: Path) -> str:
    path = folder / "conversations.sqlite"
    if not path.exists():
        return "" if os.access(folder, os.W_OK) else "不能写入"
    connection = None
    try:
        connection = sqlite3.connect(path, timeout=1)
        connection.execute("BEGIN IMMEDIATE")  # can be written to, and nobody holds it for long
        connection.rollback()
    except sqlite3.Error as error:
        log.warning("对话的数据库不可用：%s", error)
        return "不可用"
    finally:
        if connection is not None:
            connection.close()
    return ""
