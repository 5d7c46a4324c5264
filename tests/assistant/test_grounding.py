"""Nothing that no source bears out reaches a person; what is borne out is left alone."""

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.grounding import Evidence, gather, strike, ungrounded
from assistant.service import Assistant
from assistant.standards import describe
from corpus import load_plan
from tools.catalogue import find
from tools.presume import calculate_presuming

FOLDER = Path(__file__).parent / "grounding"
SCENARIOS: dict[str, dict[str, Any]] = yaml.safe_load((FOLDER / "scenarios.yaml").read_text("utf-8"))
FORGED: list[dict[str, Any]] = yaml.safe_load((FOLDER / "forged.yaml").read_text("utf-8"))
HONEST: list[dict[str, Any]] = yaml.safe_load((FOLDER / "honest.yaml").read_text("utf-8"))


@cache
def evidence_of(name: str) -> Evidence:
    scenario = SCENARIOS[name]
    day = scenario.get("as_of", date(2025, 9, 1))
    return gather(list(_artifacts(scenario, day)), scenario["said"], day.isoformat())


def _artifacts(scenario: Mapping[str, Any], day: date) -> Any:
    for entry in scenario.get("calculations", ()):
        result = calculate_presuming(find(entry["tool"]), entry["facts"], day)
        yield {"type": "calculation", **result.model_dump(mode="json")}
    for name in scenario.get("standards", ()):
        yield {"type": "standard", **describe(find(name), day).model_dump(mode="json")}
    for number in scenario.get("clauses", ()):
        clause = load_plan().clause(number)
        sentences = [sentence.text for sentence in clause.sentences]
        hit = {"clause": number, "title": clause.title, "score": 1.0, "similarity": 0.9, "sentences": sentences}
        yield {"type": "clauses", "hits": [hit]}


def name_of(case: Mapping[str, Any]) -> str:
    return f"{case['given']}：{case.get('why') or case['reply'][:24]}"


@pytest.mark.parametrize("case", HONEST, ids=name_of)
def test_an_honest_reply_is_left_alone(case: dict[str, Any]) -> None:
    found = ungrounded(case["reply"], evidence_of(case["given"]))
    assert [figure.text for figure in found] == []


@pytest.mark.parametrize("case", FORGED, ids=name_of)
def test_a_forged_figure_is_caught(case: dict[str, Any]) -> None:
    evidence = evidence_of(case["given"])
    found = ungrounded(case["reply"], evidence)
    assert [figure.text for figure in found] == case["caught"]
    assert ungrounded(strike(case["reply"], found), evidence) == []


def test_there_are_enough_cases() -> None:
    assert len(FORGED) >= 70
    assert len(HONEST) >= 70
    assert {case["given"] for case in FORGED + HONEST} == set(SCENARIOS)


def test_the_embedded_model_says_nothing_that_is_struck(assistant: Assistant) -> None:
    conversations = (FOLDER.parents[1] / "conversations" / "develop.jsonl").read_text("utf-8").splitlines()[::8]
    before = assistant.tally.struck
    for number, conversation in enumerate(map(json.loads, conversations)):
        for turn in conversation["turns"]:
            assistant.ask(turn, f"grounding-{number}", date.fromisoformat(conversation["as_of"]))
    assert len(conversations) >= 40
    assert assistant.tally.struck == before
