"""``python -m tools.bench``: how long one run of each calculator takes, and a screening; on one core."""

import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from typing import Any

from tools.calculator import Calculator, run
from tools.catalogue import catalogue
from tools.facts import Facts, bare_type, group_model
from tools.screening import screen

AS_OF = date(2025, 9, 1)
RUN_MS = 0.2
SCREEN_MS = 5.0
"""Targets, in milliseconds."""
COMPANY = {
    "employer_type": "企业",
    "firm_size": "小微企业",
    "hires": [
        {"heads": 5, "category": "毕业年度高校毕业生", "has_contract": True, "insured_months": 3, "contract_months": 12},
        {"heads": 3, "category": "登记失业人员", "age": 20, "has_contract": True, "insured_months": 2},
    ],
}


def median_ms(function: Callable[[], object], times: int = 300) -> float:
    """Median duration of a call, in milliseconds."""
    function()
    durations = []
    for _ in range(times):
        start = time.perf_counter_ns()
        function()
        durations.append(time.perf_counter_ns() - start)
    return statistics.median(durations) / 1e6


def two_groups(tool: Calculator[Any]) -> dict[str, Any]:
    """Facts to run on: two groups of people where the calculator takes groups, ten people each."""
    facts: dict[str, Any] = {}
    for name, field in tool.facts.model_fields.items():
        group: type[Facts] | None = group_model(field.annotation)
        if group is not None:
            facts[name] = [{key: 10 for key in group.model_fields if key == "heads"}] * 2
        elif bare_type(field.annotation) is bool:
            facts[name] = True
    return facts


def main() -> int:
    """Print the medians; 1 when one misses its target."""
    late = 0
    for tool in catalogue().values():
        facts = two_groups(tool)
        took = median_ms(lambda tool=tool, facts=facts: run(tool, facts, AS_OF))  # type: ignore[misc]
        late += took > RUN_MS
        print(f"{took:8.3f} ms  {tool.id}（{tool.title}）")
    for name, profile in (("什么都不知道", {}), ("一家招了两批人的小微企业", COMPANY)):
        took = median_ms(lambda profile=profile: screen(profile, AS_OF), 100)  # type: ignore[misc]
        late += took > SCREEN_MS
        print(f"{took:8.3f} ms  政策体检：{name}")
    print(f"目标：单项 ≤ {RUN_MS} ms，体检 ≤ {SCREEN_MS} ms", file=sys.stderr)
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
