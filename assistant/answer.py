"""What people and programs receive: the contract of every channel."""

from typing import Literal

from pydantic import BaseModel, Field

from corpus import clause_label
from tools.calculation import Calculation, Citation

Status = Literal[
    "answered", "needs_information", "not_eligible", "expired", "out_of_scope", "refused", "error"
]


class Choice(BaseModel):
    """A ready reply to the assistant's own question, for a channel with buttons."""

    label: str
    reply: str


class Answer(BaseModel):
    """One turn's reply. ``status`` describes this turn; quotes in ``citations`` are verbatim."""

    text: str
    """Markdown; each figure in it comes from a calculation, a quoted sentence or the person's own words."""
    status: Status
    citations: list[Citation] = []
    calculations: list[Calculation] = []
    ask_for: list[str] = []
    """Names of the facts still needed, the one that decides most first."""
    choices: list[Choice] = []
    """Ready replies when the assistant asks something; may be empty."""
    suggestions: list[str] = Field(default=[], max_length=3)
    session: str
    model: str
    elapsed_ms: int

    def citations_to_add(self) -> list[Citation]:
        """Those that the text does not give already, word for word and with the number of their clause."""
        return [c for c in self.citations if c.quote not in self.text or clause_label(c.clause) not in self.text]


__all__ = ["Answer", "Calculation", "Choice", "Citation", "Status"]
