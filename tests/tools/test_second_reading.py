"""The calculators against the second reading of the plan, on 200 random fact sets each."""

import random
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tools.second_reading import READINGS, Facts, Reading
from tools.catalogue import calculate, catalogue

SETS = 200
IN_FORCE = [date(2025, 1, 1), date(2025, 9, 1), date(2025, 12, 31)]
DAYS = [*IN_FORCE, *IN_FORCE, date(2024, 12, 31), date(2026, 1, 1), date(2026, 6, 1)]
USUAL = 0.75
UNKNOWN = 0.15
"""How likely a fact is not known, in every other set; in the rest all are known."""


@cache
def values() -> dict[str, Any]:
    """What each fact can be (second_reading.yaml)."""
    return yaml.safe_load(Path(__file__).with_name("second_reading.yaml").read_text("utf-8"))


def drawn(plan: dict[str, Any], chance: random.Random, unknown: float) -> Facts:
    """One fact set, or one group of it."""
    facts: Facts = {}
    for name, choices in plan.items():
        if isinstance(choices, dict):
            facts[name] = [drawn(choices, chance, unknown) for _ in range(chance.choice([1, 1, 2, 3]))]
        elif choices:
            facts[name] = chance.choice(choices[0] if chance.random() < USUAL else choices[-1])
            if chance.random() < unknown:
                facts[name] = None
    for ways in values()["ways"]:
        names = {name for way in ways for name in way}
        if names <= facts.keys():
            facts |= dict.fromkeys(names - set(chance.choice(ways)))
    limit(facts, "retained", "heads")
    limit(facts, "served_months", "agreed_months")
    return facts


def limit(facts: Facts, name: str, most: str) -> None:
    """No more than is possible: such facts are refused before anything is calculated."""
    if facts.get(name) is not None and facts.get(most) is not None:
        facts[name] = min(facts[name], facts[most])


def fact_sets(tool: str) -> list[tuple[Facts, date]]:
    """The same on every run."""
    chance, plan = random.Random(tool), values()["tools"][tool]
    return [(drawn(plan, chance, UNKNOWN * (index % 2)), chance.choice(DAYS)) for index in range(SETS)]


@cache
def first_readings(tool: str) -> list[Reading]:
    results = [calculate(tool, facts, day) for facts, day in fact_sets(tool)]
    return [(result.verdict, result.amount, result.ceiling) for result in results]


def test_every_calculator_is_read_twice_with_all_its_facts() -> None:
    assert set(catalogue()) == set(READINGS) == set(values()["tools"])
    for tool in catalogue().values():
        plan = values()["tools"][tool.id]
        assert set(plan) == set(tool.facts.model_fields), tool.id


@pytest.mark.parametrize("tool", READINGS)
def test_both_readings_agree(tool: str) -> None:
    for (facts, day), first in zip(fact_sets(tool), first_readings(tool), strict=True):
        assert first == READINGS[tool](facts, day), f"{day} {facts}"


@pytest.mark.parametrize("tool", READINGS)
def test_the_fact_sets_lead_to_every_kind_of_result(tool: str) -> None:
    verdicts = Counter(verdict for verdict, _, _ in first_readings(tool))
    always = {"training_subsidy", "startup_loan", "unemployment_insurance_fee", "work_injury_fee"}
    assert verdicts["met"] >= 40 and verdicts["unknown"] >= 10, verdicts
    assert verdicts["not_met"] >= 5 or tool in always, verdicts
    money = [reading for reading in first_readings(tool) if reading[1] or reading[2]]
    assert len(money) >= 20 or tool == "labour_shortage_support"
