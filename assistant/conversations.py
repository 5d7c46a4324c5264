"""Conversations on disk: one row per session, however long it lasts."""

import logging
import sqlite3
import time
from pathlib import Path

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain_core.messages import HumanMessage, RemoveMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import Runtime

from assistant.database import open_database

log = logging.getLogger(__name__)

KEPT_TURNS = 10
"""Turns of a conversation that are remembered; what is older cannot matter to the question at hand."""


FORGET_EVERY = 500
"""Turns between two looks for conversations that are too old."""
_UUID_EPOCH = 0x01B21DD213814000
"""1970-01-01 in the 100-nanosecond ticks since 1582 that a UUID counts."""


class Conversations:
    """The checkpointer of the agent, in ``data_dir``; where that cannot be written, in memory.

    A conversation nobody has gone on with for ``keep_days`` is forgotten.
    """

    def __init__(self, data_dir: Path, keep_days: int = 30) -> None:
        self._keep_days = keep_days
        self._settled = 0
        self._connection: sqlite3.Connection | None = None
        self.saver: BaseCheckpointSaver[str] = InMemorySaver()
        try:
            from langgraph.checkpoint.sqlite import SqliteSaver

            data_dir.mkdir(parents=True, exist_ok=True)
            path = data_dir / "conversations.sqlite"
            self._connection = open_database(path, timeout=10)
            saver = SqliteSaver(self._connection)
            saver.setup()
            self.saver = saver
            self.forget_old()
        except (OSError, sqlite3.Error) as error:
            self._connection = None
            log.warning("数据文件夹 %s 不能写入（%s），对话只保留到程序结束", data_dir, error)

    def settle(self, session: str) -> None:
        """Keep only the latest state of a session: earlier ones serve nothing once a turn is over."""
        if self._connection is None:
            if isinstance(self.saver, InMemorySaver):
                _settle_memory(self.saver, session)
            return
        self._settled += 1
        if self._settled % FORGET_EVERY == 0:
            self.forget_old()
        newest = "SELECT max(checkpoint_id) FROM checkpoints WHERE thread_id = :session"
        with self.saver.lock, self._connection:  # type: ignore[attr-defined]  # SqliteSaver's own lock
            for table in ("writes", "checkpoints"):
                self._connection.execute(
                    f"DELETE FROM {table} WHERE thread_id = :session AND checkpoint_id < ({newest})", {"session": session}
                )

    def forget(self, session: str) -> None:
        """Delete one conversation, as somebody asks who took part in it."""
        self.saver.delete_thread(session)

    def forget_old(self) -> None:
        """Delete the conversations that have rested for too long; a checkpoint’s id begins with its time."""
        if self._connection is None:
            return
        ticks = int((time.time() - self._keep_days * 86_400) * 10_000_000) + _UUID_EPOCH
        oldest = f"{ticks >> 28:08x}-{ticks >> 12 & 0xFFFF:04x}-6{ticks & 0xFFF:03x}"
        with self.saver.lock, self._connection:  # type: ignore[attr-defined]
            for table in ("writes", "checkpoints"):
                self._connection.execute(f"DELETE FROM {table} WHERE checkpoint_id < ?", (oldest,))

    def close(self) -> None:
        """Close the database."""
        if self._connection is not None:
            self._connection.close()


def _settle_memory(saver: InMemorySaver, session: str) -> None:
    for checkpoints in saver.storage.get(session, {}).values():
        for name in sorted(checkpoints)[:-1]:
            del checkpoints[name]


class ForgetOldTurns(AgentMiddleware):
    """Drop the turns beyond ``KEPT_TURNS`` when a new one begins, so that prompt and memory stay bounded."""

    def before_agent(self, state: AgentState, runtime: Runtime) -> dict[str, object] | None:
        messages = state["messages"]
        starts = [i for i, message in enumerate(messages) if isinstance(message, HumanMessage)]
        if len(starts) <= KEPT_TURNS:
            return None
        old = messages[: starts[-KEPT_TURNS]]
        return {"messages": [RemoveMessage(id=message.id) for message in old if message.id]}
