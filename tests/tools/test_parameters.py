"""No figure can drift from the plan: whatever is changed in a parameter file, loading stops and says where."""

import json
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from corpus import load_plan
from tools.parameters import FOLDER, ParameterError, benefit_names, load_benefit, read_benefit

Change = tuple[str, tuple[str | int, ...], Any]
"""What is changed (as the test's name says it), where, and into what."""


@cache
def raw(name: str) -> Any:
    data = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return {**data, "examples": [], "aliases": []}


@cache
def units() -> tuple[str, ...]:
    names = {figure.unit for name in benefit_names() for figure in load_benefit(name).figures.values()}
    return tuple(sorted(names | {"元", "元/人", "元/人·月", "%", "年", "个月", "月", "人"}))


def failure(folder: Path, name: str, data: Any) -> str:
    """The message when loading the changed file."""
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(data, ensure_ascii=False, default=str), "utf-8")
    with pytest.raises(ParameterError) as raised:
        read_benefit(path, load_plan())
    message = str(raised.value)
    assert "\n" not in message
    assert path.name in message
    return message


def other_digits(text: str) -> Iterator[str]:
    """The text with one digit changed, each in turn."""
    for index, character in enumerate(text):
        if character.isdigit():
            yield text[:index] + str((int(character) + 1) % 10) + text[index + 1 :]


def other_words(text: str) -> Iterator[str]:
    """The text with one character changed: the first, one in the middle, the last."""
    for index in {0, len(text) // 2, len(text) - 1}:
        yield text[:index] + "某" + text[index + 1 :]


def figure_changes(name: str) -> Iterator[Change]:
    for key, figure in raw(name)["figures"].items():
        at = ("figures", key)
        for value in {*other_digits(str(figure["value"])), str(-figure["value"]), f"{figure['value']}0"}:
            if float(value) != float(figure["value"]):
                yield "value", (*at, "value"), value
        for written in other_digits(figure["written"]):
            yield "written", (*at, "written"), written
        yield "written", (*at, "written"), figure["written"] + "整"
        for quote in (*other_words(figure["quote"]), *other_digits(figure["quote"]), ""):
            yield "quote", (*at, "quote"), quote
        for clause in range(24):
            if clause != figure["clause"]:
                yield "clause", (*at, "clause"), clause
        for unit in units():
            if unit != figure["unit"]:
                yield "unit", (*at, "unit"), unit
        yield "ceiling", (*at, "ceiling"), not figure.get("ceiling", False)


def window_changes(name: str) -> Iterator[Change]:
    for index, window in enumerate(raw(name).get("windows", ())):
        at = ("windows", index)
        until: date = window["valid_until"]
        for day in (until - timedelta(1), until + timedelta(1), until.replace(year=until.year + 1), None):
            yield "valid_until", (*at, "valid_until"), day
        start = window.get("valid_from")
        yield "valid_from", (*at, "valid_from"), None if start else until.replace(month=1, day=1)
        for quote in (*other_words(window["quote"]), *other_digits(window["quote"])):
            yield "quote", (*at, "quote"), quote
        for clause in range(24):
            if clause != window["clause"]:
                yield "clause", (*at, "clause"), clause
        for kind in {"validity", "event", "application"} - {window["kind"]}:
            yield "kind", (*at, "kind"), kind


def changed(data: Any, place: tuple[str | int, ...], value: Any) -> Any:
    copy = deepcopy(data)
    inner = copy
    for part in place[:-1]:
        inner = inner[part]
    inner[place[-1]] = value
    return copy


@pytest.mark.parametrize("name", benefit_names())
def test_every_change_of_a_figure_is_found(tmp_path: Path, name: str) -> None:
    for what, place, value in figure_changes(name):
        message = failure(tmp_path, name, changed(raw(name), place, value))
        assert f"figures.{place[1]}" in message, (what, value, message)


@pytest.mark.parametrize("name", benefit_names())
def test_every_change_of_a_period_is_found(tmp_path: Path, name: str) -> None:
    for what, place, value in window_changes(name):
        message = failure(tmp_path, name, changed(raw(name), place, value))
        assert f"windows.{place[1]}" in message, (what, value, message)


@pytest.mark.parametrize("name", benefit_names())
def test_every_change_of_the_benefit_is_found(tmp_path: Path, name: str) -> None:
    data = raw(name)
    for quote in other_words(data["quote"]):
        assert "quote" in failure(tmp_path, name, {**data, "quote": quote})
    for clauses in ([], [23], [*data["clauses"], 22], [22]):
        assert failure(tmp_path, name, {**data, "clauses": clauses})
    assert "文件名" in failure(tmp_path, name, {**data, "id": "another"})
    assert "surplus" in failure(tmp_path, name, {**data, "surplus": 1})
    assert "title" in failure(tmp_path, name, {key: value for key, value in data.items() if key != "title"})


@pytest.mark.parametrize("name", benefit_names())
def test_the_file_as_it_is_loads(tmp_path: Path, name: str) -> None:
    path = tmp_path / f"{name}.yaml"
    path.write_text((FOLDER / f"{name}.yaml").read_text("utf-8"), "utf-8")
    benefit = read_benefit(path, load_plan())
    assert benefit == load_benefit(name)
    # Enough everyday questions to recognise the benefit by their meaning, each once, none the title itself.
    assert len(set(benefit.examples)) == len(benefit.examples)
    assert benefit.title not in benefit.examples
    assert benefit.aliases
    assert benefit.summary.endswith("。")


def test_a_file_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "nothing.yaml"
    with pytest.raises(ParameterError, match=r"读不到参数文件 nothing\.yaml"):
        read_benefit(path, load_plan())
    path.write_text("a: [", "utf-8")
    with pytest.raises(ParameterError, match=r"nothing\.yaml 不是有效的 YAML"):
        read_benefit(path, load_plan())
