"""What WeChat and WeCom need to remember, for all processes that share the data folder: ``messages.sqlite``.

Accounts and messages are known by keyed hashes alone. Every method is one transaction.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from assistant.database import open_database

KEPT_SECONDS = 24 * 3600
"""How long a message's answer, and what is still to be told of it, are kept; far longer than any retry."""

_OVER, _RUNNING, _WAITING = 0, 1, 2
"""A message's turn: over, being worked on, or still waiting for a free thread when its time to reply was over."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    key TEXT PRIMARY KEY, person TEXT NOT NULL, since REAL NOT NULL, running INTEGER NOT NULL, reply TEXT);
CREATE INDEX IF NOT EXISTS messages_of ON messages (person, running);
CREATE INDEX IF NOT EXISTS messages_since ON messages (since);
CREATE TABLE IF NOT EXISTS remaining (
    place INTEGER PRIMARY KEY AUTOINCREMENT, person TEXT NOT NULL, since REAL NOT NULL, late INTEGER NOT NULL, text TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS remaining_of ON remaining (person);
CREATE TABLE IF NOT EXISTS talks (person TEXT PRIMARY KEY, number INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS access_tokens (account TEXT PRIMARY KEY, token TEXT NOT NULL, until REAL NOT NULL);
"""


class MessageStore:
    """Which messages were answered how, and what is still to be told. Safe between threads and processes."""

    def __init__(self, data_dir: Path, abandoned_after: float = 600) -> None:
        """``abandoned_after``: seconds after which a turn that was begun and not ended counts as lost."""
        data_dir.mkdir(parents=True, exist_ok=True)
        path = data_dir / "messages.sqlite"
        path.touch(mode=0o600)
        self._connection = open_database(path, timeout=3, autocommit=True)
        self._lock = threading.Lock()
        self._abandoned_after = abandoned_after
        self._swept = 0.0
        with self._transaction() as database:
            for statement in _SCHEMA.split(";"):
                database.execute(statement)

    def claim(self, key: str, person: str, turn: bool = True) -> bool:
        """Take a message on; false when it has been taken already, here or in another process.

        ``turn``: there is work to do until the message is settled or finished.
        """
        with self._transaction() as database:
            self._sweep(database)
            return database.execute(
                "INSERT INTO messages VALUES (:key, :person, :now, :running, NULL) "
                "ON CONFLICT (key) DO UPDATE SET running = :running, since = :now WHERE running = :waiting",
                {"key": key, "person": person, "now": time.time(), "running": _RUNNING if turn else _OVER, "waiting": _WAITING},
            ).rowcount == 1

    def reply(self, key: str) -> str | None:
        """What was replied to a message, once that is settled."""
        row = self._row("SELECT reply FROM messages WHERE key = ?", (key,))
        return row[0] if row else None

    def settle(self, key: str, pieces: Sequence[str], hint: str = "") -> bool:
        """The turn is over in time: the first piece is the reply, the others remain to be told, as ``hint`` says.

        False when another reply went out before; the turn is then still running.
        """
        with self._transaction() as database:
            done = database.execute(
                "UPDATE messages SET reply = ?, running = 0 WHERE key = ? AND reply IS NULL",
                (pieces[0] + hint if len(pieces) > 1 else pieces[0], key),
            ).rowcount
            if done:
                person = self._person(database, key)
                # Nobody wants the rest of an earlier answer after a new one.
                database.execute("DELETE FROM remaining WHERE person = ? AND late = 0", (person,))
                self._append(database, person, pieces[1:], late=False)
            return bool(done)

    def finish(self, key: str, late: Sequence[str] = ()) -> None:
        """The turn is over after its reply went out; ``late`` is what the person may still ask for."""
        with self._transaction() as database:
            database.execute("UPDATE messages SET running = 0 WHERE key = ?", (key,))
            self._append(database, self._person(database, key), late, late=True)

    def put_off(self, key: str, person: str, notice: str) -> str:
        """The time to reply is over: the notice, unless the answer came first. Returns what is replied."""
        # One statement: when many run out of time at once, it is the seconds here that count.
        query = (
            "INSERT INTO messages VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (key) DO UPDATE SET reply = coalesce(reply, excluded.reply) RETURNING reply"
        )
        with self._lock:
            values = (key, person, time.time(), _WAITING, notice)
            return str(self._connection.execute(query, values).fetchall()[0][0])

    def tell_next(self, key: str, hint: str) -> bool:
        """Make the next remaining piece the reply to message ``key``, closed by ``hint`` while more remain.

        False when nothing remains or the message has its reply. A piece is told once.
        """
        with self._transaction() as database:
            person = self._person(database, key)
            row = database.execute(
                "SELECT place, text FROM remaining WHERE person = ? ORDER BY place LIMIT 1", (person,)
            ).fetchone()
            if not row:
                return False
            more = database.execute(
                "SELECT 1 FROM remaining WHERE person = ? AND place > ?", (person, row[0])
            ).fetchone()
            told = database.execute(
                "UPDATE messages SET reply = ?, running = 0 WHERE key = ? AND reply IS NULL",
                (row[1] + hint if more else row[1], key),
            ).rowcount
            if told:
                database.execute("DELETE FROM remaining WHERE place = ?", (row[0],))
            return bool(told)

    def busy(self, person: str) -> bool:
        """Whether a turn of the person is being worked on or waits for it."""
        since = time.time() - self._abandoned_after
        query = "SELECT 1 FROM messages WHERE person = ? AND running != 0 AND since > ?"
        return self._row(query, (person, since)) is not None

    def talk(self, person: str) -> int:
        """The number of the person's present conversation, from 0."""
        row = self._row("SELECT number FROM talks WHERE person = ?", (person,))
        return int(row[0]) if row else 0

    def restart(self, person: str) -> None:
        """Begin a new conversation; what remained of the old one is dropped."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO talks VALUES (?, 1) ON CONFLICT (person) DO UPDATE SET number = number + 1", (person,)
            )
            database.execute("DELETE FROM remaining WHERE person = ?", (person,))

    def access_token(self, account: str) -> str:
        """The platform's access token while it is good for another minute, else empty."""
        query = "SELECT token FROM access_tokens WHERE account = ? AND until > ?"
        row = self._row(query, (account, time.time() + 60))
        return str(row[0]) if row else ""

    def keep_access_token(self, account: str, token: str, seconds: float) -> None:
        """Remember an access token for all processes; ``seconds`` is its life."""
        with self._transaction() as database:
            database.execute(
                "INSERT OR REPLACE INTO access_tokens VALUES (?, ?, ?)", (account, token, time.time() + seconds)
            )

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def _row(self, query: str, values: Sequence[object]) -> tuple[str, ...] | None:
        with self._lock:
            row: tuple[str, ...] | None = self._connection.execute(query, values).fetchone()
            return row

    @staticmethod
    def _person(database: sqlite3.Connection, key: str) -> str:
        row = database.execute("SELECT person FROM messages WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    @staticmethod
    def _append(database: sqlite3.Connection, person: str, pieces: Sequence[str], late: bool) -> None:
        rows = [(person, time.time(), late, piece) for piece in pieces]
        database.executemany("INSERT INTO remaining (person, since, late, text) VALUES (?, ?, ?, ?)", rows)

    def _sweep(self, database: sqlite3.Connection) -> None:
        """Forget what is old, at most once a minute."""
        now = time.time()
        if now - self._swept > 60:
            self._swept = now
            for table in ("messages", "remaining"):
                database.execute(f"DELETE FROM {table} WHERE since < ?", (now - KEPT_SECONDS,))
