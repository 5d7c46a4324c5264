"""The bench measures real work: facts that every calculator accepts, and a screening with something due."""

from typing import Any

import pytest

from tools.bench import AS_OF, COMPANY, median_ms, two_groups
from tools.calculator import Calculator, run
from tools.catalogue import catalogue
from tools.screening import screen


@pytest.mark.parametrize("tool", catalogue().values(), ids=lambda tool: tool.id)
def test_the_facts_of_the_bench(tool: Calculator[Any]) -> None:
    assert run(tool, two_groups(tool), AS_OF).conditions


def test_the_company_of_the_bench_leaves_ranges_to_find() -> None:
    still_open = screen(COMPANY, AS_OF).open
    assert any(calculation.low is not None for calculation in still_open)


def test_the_median() -> None:
    assert 0 < median_ms(lambda: sum(range(100)), 5) < 100
