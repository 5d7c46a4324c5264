"""The generated page is current, and the worked example of the guide works as it stands there."""

import re
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from corpus import load_plan
from tools import parameters
from tools.calculator import REGISTRY, Calculator
from tools.catalogue import catalogue
from tools.document import PAGE, ROOT, render
from tools.explore import explain
from tools.parameters import ParameterError, read_benefit

GUIDE = (ROOT / "docs" / "adding-a-benefit.md").read_text("utf-8")
PARAMETERS, FUNCTION, CASES = re.findall(r"^```(?:yaml|python)\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
NAME = "station_grant"


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Calculator[Any]:
    """The benefit of the guide, added to the others for the length of a test."""
    (tmp_path / f"{NAME}.yaml").write_text(PARAMETERS, "utf-8")
    monkeypatch.setattr(parameters, "FOLDER", tmp_path)
    module = ModuleType("guide")
    exec(compile(FUNCTION, "adding-a-benefit.md", "exec"), module.__dict__)
    return REGISTRY.pop(NAME)


def test_the_page_of_the_calculators_is_current() -> None:
    assert PAGE.read_text("utf-8") == render(), "docs/calculators.md 过期：运行 python -m tools.document"


@pytest.mark.parametrize("tool", catalogue().values(), ids=lambda tool: tool.id)
def test_every_benefit_has_its_section(tool: Calculator[Any]) -> None:
    page = PAGE.read_text("utf-8")
    section = page.split(f'<a id="{tool.id}"></a>')[1].split("<a id=")[0]
    assert f"## {tool.title}\n" in section
    assert f"> {tool.benefit.quote}\n" in section
    for heading in ("条件", "标准", "期限", "需要知道的事实", "算例"):
        assert f"### {heading}\n" in section
    assert all(figure.quote in section for figure in tool.benefit.figures.values())
    assert "**例 1：" in section
    assert "**例 2：" in section
    assert all(point in section for point in tool.benefit.open_points)


@pytest.mark.parametrize("case", yaml.safe_load(CASES), ids=lambda case: case["name"])
def test_the_cases_of_the_guide(added: Calculator[Any], case: dict[str, Any]) -> None:
    result = explain(added, case["facts"], case["as_of"])
    assert result.verdict == case["verdict"]
    assert result.amount == (Decimal(case["amount"]) if "amount" in case else None)
    for name in ("missing", "state", "low", "high"):
        assert name not in case or getattr(result, name) == case[name]


def test_the_mistake_of_the_guide_is_found_as_it_says(tmp_path: Path) -> None:
    path = tmp_path / f"{NAME}.yaml"
    path.write_text(PARAMETERS.replace("value: 300000", "value: 200000"), "utf-8")
    with pytest.raises(ParameterError) as raised:
        read_benefit(path, load_plan())
    assert f"> {raised.value}\n" in GUIDE


def test_the_commands_of_the_guide_exist() -> None:
    for command in re.findall(r"python -m (tools\.\w+)", GUIDE):
        assert (ROOT / f"{command.replace('.', '/')}.py").is_file()
