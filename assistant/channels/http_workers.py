"""A bounded pool of threads for work that blocks: as many at a time as the machine bears, a bounded queue before it."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from assistant.channels.http_problems import Problem

AT_ONCE = 16
WAITING = 112
"""Requests that may wait for a thread; more are told to come again."""
RETRY_SECONDS = 2

T = TypeVar("T")


class Workers:
    """Runs blocking calls for coroutines of one event loop."""

    def __init__(self, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="http")
        self._most = at_once + waiting
        self._taken = 0

    async def run(self, work: Callable[..., T], *arguments: Any) -> T:
        """The result of a call in a thread. Raises Problem when too many wait already."""
        self._take()
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        finally:
            self._taken -= 1

    async def each(self, items: Callable[[], Iterator[T]]) -> AsyncIterator[T]:
        """The items of a blocking iterator as they come.

        It is gone through to its end even if nobody listens any more: half a turn is no state for a conversation.
        """
        self._take()
        loop = asyncio.get_running_loop()
        arrived: asyncio.Queue[T | BaseException | None] = asyncio.Queue()
        gone = threading.Event()

        def work() -> None:
            end: BaseException | None = None
            try:
                for item in items():
                    if not gone.is_set():
                        loop.call_soon_threadsafe(arrived.put_nowait, item)
            except Exception as error:
                end = error
            loop.call_soon_threadsafe(arrived.put_nowait, end)

        done = loop.run_in_executor(self._pool, work)
        done.add_done_callback(self._give_back)
        try:
            while (item := await arrived.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                yield item
        finally:
            gone.set()

    def close(self) -> None:
        """Take on nothing more; what is running ends by itself."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _take(self) -> None:
        if self._taken >= self._most:
            raise Problem("busy", seconds=RETRY_SECONDS, headers={"Retry-After": str(RETRY_SECONDS)})
        self._taken += 1

    def _give_back(self, _: object) -> None:
        self._taken -= 1
