"""What kind of message it is: refused, outside the plan, small talk, several questions in one; from ``behaviour*.yaml``."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.service import Assistant

CASES = [case for path in sorted(Path(__file__).parent.glob("behaviour*.yaml")) for case in yaml.safe_load(path.read_text("utf-8"))]
AS_OF = date(2025, 9, 1)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["say"][-1])
def test_behaviour(case: dict[str, Any], assistant: Assistant) -> None:
    answers = [assistant.ask(text, f"behaviour-{id(case)}", AS_OF) for text in case["say"]]
    last = answers[-1]
    expected = case["status"] if isinstance(case["status"], list) else [case["status"]]
    assert last.status in expected, last.text
    assert set(case.get("clauses", [])) <= {citation.clause for citation in last.citations}, last.text
    assert all(words in last.text for words in case.get("words", [])), last.text
