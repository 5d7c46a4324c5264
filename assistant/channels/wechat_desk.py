"""Answers in time: one turn for each message however often it is sent, and never more than five seconds without a reply.

The platform gives five seconds and sends an unanswered message three times in all. So every message is claimed in the
store before its turn begins, its reply is settled there once, and an answer that comes after the reply is delivered by
the platform's message API or kept until the person asks for it.
"""

import asyncio
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from assistant.channels.wechat_api import SendFailed
from assistant.channels.wechat_messages import Incoming, Wish, phrases, wish_of
from assistant.channels.wechat_store import MessageStore
from assistant.channels.wechat_text import LIMIT, message_text, split_message
from assistant.privacy import Pseudonyms, masked
from assistant.service import Assistant
from assistant.settings import Settings

MOST_WAITING = 400
"""Turns that may wait for a thread; whoever comes then is asked to come back."""
MOST_OF_ONE = 3
"""Turns of one person that may be worked on or wait."""

Send = Callable[[str, str], None]
"""Send a text to an account by the platform's message API. Raises SendFailed."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Turn:
    key: str
    person: str
    account: str


class Desk:
    """Takes the messages of one channel and says what to reply."""

    def __init__(self, name: str, assistant: Assistant, settings: Settings, store: MessageStore, send: Send | None) -> None:
        """``name`` keeps the accounts of channels apart; ``send`` delivers late answers, if the platform lets us."""
        self._name, self._assistant, self._store, self._send = name, assistant, store, send
        self._pseudonyms = Pseudonyms(settings.data_dir)
        self._within = settings.reply_within
        self._link = settings.public_url
        self._asking = ThreadPoolExecutor(_threads(settings), thread_name_prefix=f"{name}-ask")
        self._looking = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._counting = threading.Lock()
        self._turns: Counter[str] = Counter()
        self._queued: dict[str, _Turn] = {}

    async def reply_to(self, message: Incoming) -> str:
        """The text to reply with, at the latest after ``reply_within`` seconds; empty for no reply."""
        deadline = time.monotonic() + self._within
        wish = wish_of(message)
        if wish.kind in ("say", "nothing"):
            return wish.text
        turn = _Turn(
            self._pseudonyms.of(self._name, *message.identity), self._pseudonyms.of(self._name, message.sender),
            message.sender,
        )
        loop, done = asyncio.get_running_loop(), asyncio.Event()

        def tell() -> None:
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(done.set)

        self._looking.submit(self._begin, turn, wish, tell)
        with suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), deadline - time.monotonic())
        # Settled by now, unless somebody else has taken the message on, or what is to be told is still being worked on.
        while time.monotonic() < deadline:
            if (reply := self._store.reply(turn.key)) is not None:
                return reply
            await asyncio.sleep(0.1)
            if wish.kind == "next":
                self._go_on(turn, waited=True)
        return self._store.put_off(turn.key, turn.person, self._notice(wish))

    def _notice(self, wish: Wish) -> str:
        if self._send:
            return phrases().thinking_will_send
        return phrases().still_thinking if wish.kind == "next" else phrases().thinking

    def close(self) -> None:
        """End when the turns that were begun are over; whoever still waits is told to ask again."""
        self._looking.shutdown(cancel_futures=True)
        self._asking.shutdown(cancel_futures=True)
        for turn in self._queued.values():
            if not self._store.settle(turn.key, [phrases().interrupted]):
                self._store.finish(turn.key, [phrases().interrupted])

    # --- in threads ---------------------------------------------------------------------------------------------

    def _begin(self, turn: _Turn, wish: Wish, tell: Callable[[], None]) -> None:
        """Take the message on, and see to it unless somebody else has."""
        try:
            if self._store.claim(turn.key, turn.person, wish.kind == "ask"):
                if wish.kind == "ask":
                    self._queue(turn, wish.text, tell)
                    return
                if wish.kind == "restart":
                    self._store.restart(turn.person)
                    self._store.settle(turn.key, [wish.text])
                else:
                    self._go_on(turn)
        except Exception as error:
            log.error("%s：一条消息没能处理（%s）", self._name, type(error).__name__)
        tell()

    def _queue(self, turn: _Turn, question: str, tell: Callable[[], None]) -> None:
        with self._counting:
            refusal = ""
            if self._turns.total() >= MOST_WAITING:
                refusal = phrases().crowded
            elif self._turns[turn.person] >= MOST_OF_ONE:
                refusal = phrases().one_by_one
            else:
                self._turns[turn.person] += 1
        if refusal:
            self._store.settle(turn.key, [refusal])
            tell()
        else:
            self._queued[turn.key] = turn
            self._asking.submit(self._answer, turn, question, tell)

    def _answer(self, turn: _Turn, question: str, tell: Callable[[], None]) -> None:
        try:
            del self._queued[turn.key]
            text = self._text_for(turn, question)
            pieces = split_message(text, LIMIT - len(phrases().unfinished.encode()))
            in_time = self._store.settle(turn.key, pieces, phrases().unfinished)
            tell()
            if not in_time:
                self._store.finish(turn.key, self._delivered(turn, pieces))
        except Exception as error:
            log.error("%s：一条答复没能送出（%s）", self._name, type(error).__name__)
            with suppress(Exception):  # the store itself may be what fails
                if not self._store.settle(turn.key, [phrases().broken]):
                    self._store.finish(turn.key)
            tell()
        finally:
            with self._counting:
                self._turns[turn.person] -= 1
                if not self._turns[turn.person]:
                    del self._turns[turn.person]

    def _text_for(self, turn: _Turn, question: str) -> str:
        session = f"{self._name}-{turn.person}-{self._store.talk(turn.person)}"
        try:
            answer = self._assistant.ask(masked(question), session)
        except Exception as error:
            # Only a broken installation gets here; the operator is told what is wrong, the person that it is.
            log.error("%s：%s", self._name, error)
            return phrases().broken
        return message_text(answer, self._link)

    def _delivered(self, turn: _Turn, pieces: list[str]) -> list[str]:
        """Send a late answer; returns what could not be sent and remains to be told."""
        if self._send is None:
            return pieces
        for number, piece in enumerate(pieces):
            try:
                self._send(turn.account, piece)
            except Exception as error:  # whatever it was, the answer must not be lost with it
                reason = str(error) if isinstance(error, SendFailed) else type(error).__name__
                log.warning("%s：晚到的答复没能主动发出（%s），用户回复“继续”时再给", self._name, reason)
                return pieces[number:]
        return []

    def _go_on(self, turn: _Turn, waited: bool = False) -> None:
        """Tell what remains, unless it is still being worked on. ``waited``: it was, a moment ago."""
        busy = self._store.busy(turn.person)
        # Looked at in this order: what was being worked on may have come to remain in between.
        if not self._store.tell_next(turn.key, phrases().unfinished) and not busy:
            self._store.settle(turn.key, ["" if waited else phrases().nothing_left])


def _threads(settings: Settings) -> int:
    """Turns at once. The embedded model computes, and more threads than cores only get into each other's way."""
    return settings.reply_threads or (16 if settings.model else 2)
