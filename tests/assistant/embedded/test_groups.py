"""Groups of people in conversations, from a table beside this file: told in one message, and changed by later ones."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.service import Assistant

AS_OF = date(2025, 11, 10)
TABLE = yaml.safe_load((Path(__file__).parent / "groups.yaml").read_text("utf-8"))
CASES = [(kind, due, turns) for kind, cases in TABLE.items() for due, *turns in cases]


def outcome(assistant: Assistant, turns: list[str]) -> Any:
    """What the last of the answers says is due: an amount or ceiling in yuan, 0, or "ask"."""
    session = None
    for turn in turns:
        answer = assistant.ask(turn, session=session, as_of=AS_OF)
        session = answer.session
    if answer.status == "needs_information":
        return "ask"
    if answer.status != "answered":
        return 0 if answer.status == "not_eligible" else answer.status
    sums = [Decimal(due) for c in answer.calculations if (due := c.amount or c.ceiling) is not None]
    return sum(sums) if sums else "ask"


@pytest.mark.parametrize(("kind", "due", "turns"), CASES, ids=[" / ".join(turns) for _, _, turns in CASES])
def test_what_is_due(assistant: Assistant, kind: str, due: Any, turns: list[str]) -> None:
    assert outcome(assistant, turns) == due, kind
