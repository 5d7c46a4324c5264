"""Opening a SQLite file that several processes share."""

import sqlite3
import time
from pathlib import Path


def open_database(path: Path, timeout: float, *, autocommit: bool = False) -> sqlite3.Connection:
    """A connection for all threads, in WAL mode; ``timeout``: seconds to wait for others, here and in every statement.

    ``autocommit``: transactions are begun by hand. Raises sqlite3.Error.
    """
    until = time.monotonic() + timeout
    connection = sqlite3.connect(
        path, timeout=timeout, check_same_thread=False, isolation_level=None if autocommit else "DEFERRED"
    )
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # A power cut may cost the last turn; a program that ends, however it ends, costs nothing.
            connection.execute("PRAGMA synchronous = NORMAL")
            return connection
        except sqlite3.OperationalError:
            # SQLite does not wait for its turn to change the mode: two processes that start at once would collide.
            if time.monotonic() > until:
                connection.close()
                raise
            time.sleep(0.02)
