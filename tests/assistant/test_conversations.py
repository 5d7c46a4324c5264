"""Conversations on disk: gone on with after a restart, forgotten once they have rested too long."""

from datetime import date
from pathlib import Path

from assistant.conversations import Conversations
from assistant.service import Assistant
from assistant.settings import Settings

AS_OF = date(2025, 9, 1)
QUESTION = "招应届生8个，合同签了，社保交满4个月，扩岗补助多少"


def talk(folder: Path, *questions: str) -> list[str]:
    assistant = Assistant(Settings(data_dir=folder))
    try:
        return [assistant.ask(question, "one", AS_OF).text for question in questions]
    finally:
        assistant.close()


def test_a_conversation_goes_on_after_a_restart(tmp_path: Path) -> None:
    talk(tmp_path, QUESTION)
    assert "13500元" in talk(tmp_path, "那如果是9个呢")[0]


def test_what_has_rested_too_long_is_forgotten(tmp_path: Path) -> None:
    talk(tmp_path, QUESTION)
    Conversations(tmp_path, keep_days=1).close()
    assert "13500元" in talk(tmp_path, "那如果是9个呢")[0]
    Conversations(tmp_path, keep_days=0).close()
    assert "13500元" not in talk(tmp_path, "那如果是9个呢")[0]


def test_who_took_part_can_have_it_forgotten(tmp_path: Path) -> None:
    assistant = Assistant(Settings(data_dir=tmp_path))
    assistant.ask(QUESTION, "one", AS_OF)
    assistant.ask(QUESTION, "other", AS_OF)
    assistant.forget("one")
    assert "13500元" not in assistant.ask("那如果是9个呢", "one", AS_OF).text
    assert "13500元" in assistant.ask("那如果是9个呢", "other", AS_OF).text
    assistant.close()


def test_the_locks_of_conversations_do_not_pile_up(tmp_path: Path) -> None:
    assistant = Assistant(Settings(data_dir=tmp_path))
    for number in range(20):
        assistant.ask("你好", f"person-{number}", AS_OF)
    assert len(assistant._sessions) == 0
    assistant.close()
