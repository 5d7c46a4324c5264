"""Each turn once: whoever asks for it again follows the same work, or gets the answer that is kept."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import Answer
from assistant.channels.web_turns import Turns, opinions

ANSWER = Answer(text="可领7500元", status="answered", session="s", model="embedded", elapsed_ms=1)


class Work:
    """Answers when allowed to, and counts how often it was asked."""

    def __init__(self, *, ready: bool = True) -> None:
        self.asked = 0
        self.go_on = threading.Event()
        if ready:
            self.go_on.set()

    def __call__(self) -> Iterator[str | Answer]:
        self.asked += 1
        yield "可领"
        self.go_on.wait(10)
        yield "7500元"
        yield ANSWER


async def followed(turns: Turns, work: Work, name: str = "s/t") -> list[str | Answer]:
    return [piece async for piece in turns.follow(name, work)]


def test_a_turn_gives_its_words_then_its_answer(tmp_path: Path) -> None:
    *words, answer = asyncio.run(followed(Turns(tmp_path), Work()))
    assert answer == ANSWER
    assert all("可领7500元".startswith(str(so_far)) for so_far in words)


def test_a_turn_sent_again_while_it_is_worked_on_is_followed_by_both(tmp_path: Path) -> None:
    async def both() -> list[list[str | Answer]]:
        turns, work = Turns(tmp_path), Work(ready=False)
        first, second = asyncio.create_task(followed(turns, work)), asyncio.create_task(followed(turns, work))
        await asyncio.sleep(0.1)
        work.go_on.set()
        done = await asyncio.gather(first, second)
        assert work.asked == 1
        return list(done)

    for pieces in asyncio.run(both()):
        assert pieces[-1] == ANSWER


def test_a_follower_who_leaves_does_not_end_the_work(tmp_path: Path) -> None:
    async def leave_and_return() -> None:
        turns, work = Turns(tmp_path), Work(ready=False)
        task = asyncio.create_task(followed(turns, work))
        await asyncio.sleep(0.1)
        task.cancel()
        work.go_on.set()
        assert (await followed(turns, work))[-1] == ANSWER
        assert work.asked == 1

    asyncio.run(leave_and_return())


def test_after_a_restart_the_answer_is_still_there(tmp_path: Path) -> None:
    first, again = Work(), Work()
    asyncio.run(followed(Turns(tmp_path), first))
    assert asyncio.run(followed(Turns(tmp_path), again)) == [ANSWER]
    assert (first.asked, again.asked) == (1, 0)


def test_an_answer_is_kept_no_longer_than_conversations_are(tmp_path: Path) -> None:
    turns = Turns(tmp_path, keep_days=1)
    asyncio.run(followed(turns, Work(), "s/old"))
    with sqlite3.connect(tmp_path / "web.sqlite") as store:
        store.execute("UPDATE turns SET at = at - 90000")
    asyncio.run(followed(turns, Work(), "s/new"))
    with sqlite3.connect(tmp_path / "web.sqlite") as store:
        assert store.execute("SELECT turn FROM turns").fetchall() == [("s/new",)]


def test_the_answers_of_a_deleted_conversation_are_deleted(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    for name in ("one/1", "one/2", "ones/1"):
        asyncio.run(followed(turns, Work(), name))
    turns.forget("one")
    with sqlite3.connect(tmp_path / "web.sqlite") as store:
        assert store.execute("SELECT turn FROM turns").fetchall() == [("ones/1",)]


def test_a_failure_is_told_and_may_be_tried_again(tmp_path: Path) -> None:
    turns = Turns(tmp_path)

    def broken() -> Iterator[str | Answer]:
        raise OSError("disk")
        yield ""

    async def fail() -> None:
        async for _ in turns.follow("s/t", broken):
            pass

    with pytest.raises(OSError, match="disk"):
        asyncio.run(fail())
    assert asyncio.run(followed(turns, Work()))[-1] == ANSWER


def test_an_answer_that_is_an_error_is_not_kept(tmp_path: Path) -> None:
    turns = Turns(tmp_path)

    def failed() -> Iterator[str | Answer]:
        yield ANSWER.model_copy(update={"status": "error"})

    async def fail() -> None:
        async for _ in turns.follow("s/t", failed):
            pass

    asyncio.run(fail())
    assert asyncio.run(followed(turns, Work()))[-1] == ANSWER


def test_an_opinion_is_kept_without_anything_personal(tmp_path: Path) -> None:
    turns = Turns(tmp_path)
    turns.rate("session/turn", True, "")
    turns.rate("session/turn", False, "打我电话13812345678" + "长" * 500)
    turns.close()
    (row,) = sqlite3.connect(tmp_path / "web.sqlite").execute("SELECT * FROM feedback").fetchall()
    name, _, good, word = row
    assert not good and "13812345678" not in word and len(word) <= 200
    assert "session" not in name


def test_a_folder_that_cannot_be_written_loses_only_what_is_kept(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    turns = Turns(tmp_path / "file")
    assert asyncio.run(followed(turns, Work()))[-1] == ANSWER
    assert "不能写入" in caplog.text


def test_opinions_can_be_read(tmp_path: Path) -> None:
    assert opinions(tmp_path) == []
    turns = Turns(tmp_path)
    turns.rate("session/1", True, "")
    turns.rate("session/2", False, "看不懂")
    turns.close()
    assert [(opinion.good, opinion.word) for opinion in opinions(tmp_path)] == [(True, ""), (False, "看不懂")]
