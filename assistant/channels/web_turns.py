"""Every turn once: a question sent again (a reload, a lost connection, a restart) gets the answer of the first time.

The page gives each turn a name of its own. A turn is worked on in a thread that belongs to nobody's connection;
whoever asks for it by that name follows it, or is given the finished answer, which is kept for a while on disk.
"""

import asyncio
import hashlib
import logging
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from assistant.answer import Answer
from assistant.database import open_database
from assistant.privacy import masked

AT_ONCE = 16
"""Questions worked on at the same time; more wait their turn."""
_NEWS_SECONDS = 0.05
"""Words are passed on at most this often: a burst of pieces is one message."""
_GATHER_SECONDS = 0.01
"""An answer that comes all at once is one message, without its first words before it."""
_KEPT_DAYS = 7
"""So long an answer can be fetched again; less where conversations are forgotten sooner."""
_LONGEST_WORD = 200
_SCHEMA = """
CREATE TABLE IF NOT EXISTS turns (turn TEXT PRIMARY KEY, answer TEXT NOT NULL, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS feedback (turn TEXT PRIMARY KEY, day TEXT NOT NULL, good INTEGER NOT NULL, word TEXT NOT NULL);
"""
log = logging.getLogger(__name__)
Work = Callable[[], Iterable[str | Answer]]


@dataclass(slots=True)
class _Turn:
    """A turn while it is worked on."""

    words: str = ""
    answer: Answer | None = None
    error: Exception | None = None
    over: bool = False
    waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=list)


class Turns:
    """The turns in progress and those that are over. Safe to share between threads."""

    def __init__(self, data_dir: Path, keep_days: int = _KEPT_DAYS) -> None:
        self._kept_seconds = min(keep_days, _KEPT_DAYS) * 24 * 3600
        self._lock = threading.Lock()
        self._running: dict[str, _Turn] = {}
        self._workers = ThreadPoolExecutor(AT_ONCE, "turn")
        self._store = _open(data_dir / "web.sqlite")

    async def follow(self, name: str, work: Work) -> AsyncIterator[str | Answer]:
        """The words so far each time there are more, then the Answer. Raises what the work raises."""
        turn = self._begin(name, work)
        if isinstance(turn, Answer):
            yield turn
            return
        news = asyncio.Event()
        with self._lock:
            turn.waiting.append((asyncio.get_running_loop(), news))
        seen = ""
        while True:
            if turn.over:
                break
            if turn.words != seen:
                seen = turn.words
                yield seen
            await news.wait()
            await asyncio.sleep(_GATHER_SECONDS)
            news.clear()
        if turn.error is not None:
            raise turn.error
        assert turn.answer is not None
        yield turn.answer

    def forget(self, session: str) -> None:
        """Delete the kept answers of a conversation."""
        with self._transaction() as store:
            store.execute("DELETE FROM turns WHERE substr(turn, 1, ?) = ?", (len(session) + 1, f"{session}/"))

    def rate(self, name: str, good: bool, word: str) -> None:
        """Note an opinion on a turn: no session, no question, numbers of persons masked; the last one counts."""
        row = (hashlib.sha256(name.encode()).hexdigest(), date.today().isoformat(), good, masked(word.strip())[:_LONGEST_WORD])
        with self._transaction() as store:
            store.execute("INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?)", row)

    def close(self) -> None:
        """Finish what is being worked on, and close the store."""
        self._workers.shutdown(cancel_futures=True)
        self._store.close()

    def _begin(self, name: str, work: Work) -> _Turn | Answer:
        """The turn of that name: over, in progress, or begun now."""
        with self._transaction() as store:
            if name in self._running:
                return self._running[name]
            if row := store.execute("SELECT answer FROM turns WHERE turn = ?", (name,)).fetchone():
                return Answer.model_validate_json(row[0])
            turn = self._running[name] = _Turn()
            self._workers.submit(self._work, name, turn, work)
        return turn

    def _work(self, name: str, turn: _Turn, work: Work) -> None:
        told = 0.0
        try:
            for piece in work():
                if isinstance(piece, Answer):
                    turn.answer = piece
                    self._keep(name, piece)
                else:
                    turn.words += piece
                    if (now := time.monotonic()) - told >= _NEWS_SECONDS:
                        told = now
                        self._tell(turn)
            if turn.answer is None:
                raise RuntimeError("the stream ended without an answer")
        except Exception as error:  # told to whoever follows the turn
            turn.error = error
        with self._lock:
            turn.over = True
            self._running.pop(name, None)
        self._tell(turn)

    def _tell(self, turn: _Turn) -> None:
        with self._lock:
            waiting = list(turn.waiting)
        for loop, news in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(news.set)

    def _keep(self, name: str, answer: Answer) -> None:
        if answer.status == "error":
            return  # trying again is worth while
        try:
            with self._transaction() as store:
                store.execute("INSERT OR REPLACE INTO turns VALUES (?, ?, ?)", (name, answer.model_dump_json(), time.time()))
                store.execute("DELETE FROM turns WHERE at < ?", (time.time() - self._kept_seconds,))
        except sqlite3.Error as error:
            log.warning("这一轮没能存下（%s），断线后重发会重新回答", error)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock, self._store:
            yield self._store


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thought of an answer; of which one, nobody can tell."""

    day: str
    good: bool
    word: str


def opinions(data_dir: Path) -> list[Opinion]:
    """The opinions noted in a data folder, by day. Raises sqlite3.Error where the store cannot be read."""
    path = data_dir / "web.sqlite"
    if not path.exists():
        return []
    with closing(open_database(path, timeout=10)) as store:
        rows = store.execute("SELECT day, good, word FROM feedback ORDER BY day, rowid")
        return [Opinion(day, bool(good), word) for day, good, word in rows]


def _open(path: Path) -> sqlite3.Connection:
    """The store in the data folder; in memory where that cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        store = open_database(path, timeout=10)
        store.executescript(_SCHEMA)
    except (OSError, sqlite3.Error) as error:
        log.warning("数据文件夹 %s 不能写入（%s），网页的对话和评价只保留到程序结束", path.parent, error)
        store = sqlite3.connect(":memory:", check_same_thread=False)
        store.executescript(_SCHEMA)
    return store
