"""All calculators, found by importing this package's modules."""

import importlib
import pkgutil
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from tools.calculation import Calculation
from tools.calculator import REGISTRY, Calculator
from tools.explore import explain
from tools.parameters import ParameterError, benefit_names


class UnknownTool(LookupError):
    """No calculator of that name: one Chinese line that lists those there are."""


@cache
def catalogue() -> Mapping[str, Calculator[Any]]:
    """Every calculator by id, in the order of the clauses. Raises ParameterError."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"tools.{module.name}")
    for name in benefit_names():
        if name not in REGISTRY:
            raise ParameterError(f"参数文件 {name}.yaml 没有对应的计算器")
    tools = sorted(REGISTRY.values(), key=lambda tool: (tool.benefit.clauses, tool.id))
    return {tool.id: tool for tool in tools}


def find(name: str) -> Calculator[Any]:
    """A calculator by id or Chinese title. Raises UnknownTool."""
    for tool in catalogue().values():
        if name in (tool.id, tool.title):
            return tool
    known = "、".join(f"{tool.id}（{tool.title}）" for tool in catalogue().values())
    raise UnknownTool(f"没有名为「{name}」的计算器；可用：{known}")


def calculate(name: str, facts: Mapping[str, Any], as_of: date) -> Calculation:
    """Run a calculator by name. Raises UnknownTool and FactError."""
    return explain(find(name), facts, as_of)
