"""The one door that every channel uses."""

from collections.abc import Iterator
from datetime import date

from assistant.answer import Answer
from assistant.settings import Settings


class Assistant:
    """Answers questions, one conversation per session. Safe to share between threads."""

    def __init__(self, settings: Settings | None = None) -> None: ...

    def ask(self, question: str, session: str | None = None, as_of: date | None = None) -> Answer:
        """Answer one message. A new session starts when none is given. Never raises for bad input."""
        raise NotImplementedError

    def stream(
        self, question: str, session: str | None = None, as_of: date | None = None
    ) -> Iterator[str | Answer]:
        """Pieces of the text as they become available, then the whole Answer last."""
        raise NotImplementedError

    def close(self) -> None:
        """Release the stores."""
