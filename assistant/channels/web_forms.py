"""A form generated from a declaration, the JSON Schema of a fact model: labels, units, ranges, choices and help.

A field's ``data-fact`` names its fact, a group's ``data-list`` its list; ``data-kind`` says how the script reads the
value. An empty field is a fact that is not known.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from assistant.channels.web_html import Html, el, icon, join, texts
from tools.facts import word
from tools.formula import plain

Kind = Literal["whole", "number", "truth", "choice", "many", "day", "groups"]
_AT_ONCE = 4
"""So many choices are buttons side by side; more are a list to pull down."""


@dataclass(frozen=True, slots=True)
class Field:
    """One fact as its declaration has it."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    rows: tuple["Field", ...] = ()


def fields_of(schema: Mapping[str, Any]) -> list[Field]:
    """The fields of a fact model, groups with theirs, in the order of the declaration."""
    return list(_fields(schema, schema.get("$defs", {})))


def _fields(schema: Mapping[str, Any], models: Mapping[str, Any]) -> Iterator[Field]:
    for name, entry in schema["properties"].items():
        options = [option for option in entry.get("anyOf", [entry]) if option.get("type") != "null"]
        kinds = {option.get("type"): option for option in options}
        if items := kinds.get("array", {}).get("items"):
            row = models.get(str(items.get("$ref", "")).rsplit("/", 1)[-1])
            if row:
                yield Field(name, "groups", rows=tuple(_fields(row, models)))
            else:
                yield Field(name, "many", tuple(items["enum"]))
        elif choices := next((option["enum"] for option in options if "enum" in option), None):
            yield Field(name, "choice", tuple(choices))
        elif "boolean" in kinds:
            yield Field(name, "truth")
        elif number := kinds.get("integer") or kinds.get("number"):
            low, high = (None if number.get(key) is None else Decimal(str(number[key])) for key in ("minimum", "maximum"))
            yield Field(name, "whole" if "integer" in kinds else "number", low=low, high=high)
        else:
            yield Field(name, "day")


def form_html(fields: Collection[Field], values: Mapping[str, Any], at: str, presumed: Collection[str] = ()) -> Html:
    """The fields with what is known filled in. ``at`` starts every id; ``presumed``: paths that nobody stated."""
    return join(
        [
            _groups(field, values.get(field.name) or [{}], at, presumed)
            if field.kind == "groups"
            else _field(field, values.get(field.name), f"{at}-{field.name}", field.name in presumed)
            for field in fields
        ]
    )


def _groups(field: Field, rows: Collection[Mapping[str, Any]], at: str, presumed: Collection[str]) -> Html:
    """Groups of people alike: a row each, and a button for another one."""
    said = texts()["calc"]
    at = f"{at}-{field.name}"
    shown = [_group(field, row, f"{at}-{i}", i, presumed) for i, row in enumerate(rows)]
    blank = el("template", _group(field, {}, f"{at}-NUMBER", 0, ()))
    button = el("button", icon("plus"), said["add"], type="button", class_="quiet add", data_add=True, title=said["add_help"])
    help_ = el("p", word(field.name).help or word(field.name).ask, class_="help")
    label = word(field.name).label
    return el("div", el("div", label, class_="group-title"), help_, el("div", shown, class_="group-rows"), blank, button,
              class_="groups", data_list=field.name, role="group", aria_label=label)  # fmt: skip


def _group(field: Field, row: Mapping[str, Any], at: str, index: int, presumed: Collection[str]) -> Html:
    said = texts()["calc"]
    name = el("legend", said["group"].format(number=index + 1))
    drop = el("button", icon("close"), el("span", said["remove"], class_="sr"), type="button", class_="icon-button", data_drop=True)
    inner = [
        _field(part, row.get(part.name), f"{at}-{part.name}", f"{field.name}.{index}.{part.name}" in presumed)
        for part in field.rows
    ]
    return el("fieldset", name, drop, el("div", inner, class_="fields"), class_="group", data_row=True)


def _field(field: Field, value: Any, at: str, presumed: bool) -> Html:
    about, said = word(field.name), texts()["calc"]
    # A question that repeats the label or the choices says nothing; one with a limit in brackets does.
    told = "（" in about.ask and not any(choice in about.ask for choice in field.choices)
    explains = about.help or (about.ask if told else "")
    hints = [explains, said["default"] if presumed else ""]
    hint = el("p", " ".join(filter(None, hints)), class_="help", id=f"{at}-help") if any(hints) else None
    common = {"data_fact": field.name, "data_kind": field.kind, "aria_describedby": f"{at}-help" if hint else None}
    if field.kind in ("truth", "many") or (field.kind == "choice" and len(field.choices) <= _AT_ONCE):
        label = el("legend", about.label)
        buttons = el("div", _options(field, value, at), class_="options")
        return el("fieldset", label, buttons, hint, class_="field", **common)
    label = el("label", about.label, for_=at)
    if field.kind == "choice":
        inner = _list(field, value, at)
    else:
        unit = el("span", about.unit, class_="unit", aria_hidden="true") if about.unit else None
        inner = el("div", _input(field, value, at, about.unit, common["aria_describedby"]), unit, class_="with-unit")
    return el("div", label, inner, hint, class_="field", data_fact=field.name, data_kind=field.kind)


def _options(field: Field, value: Any, at: str) -> list[Html]:
    """Choices side by side; the last of a single choice is 不清楚, which is no fact."""
    said = texts()["calc"]
    if field.kind == "many":
        chosen = value or ()
        boxes = [(choice, choice, choice in chosen) for choice in field.choices]
        none = ("", said["none"], value is not None and not chosen)
        return [_option("checkbox", at, *box) for box in (*boxes, none)]
    if field.kind == "truth":
        choices = [("true", said["is_so"], value is True), ("false", said["is_not"], value is False)]
    else:
        choices = [(choice, choice, choice == value) for choice in field.choices]
    return [_option("radio", at, *choice) for choice in (*choices, ("", said["unknown"], value is None))]


def _option(kind: str, at: str, value: str, label: str, chosen: bool) -> Html:
    return el("label", el("input", type=kind, name=at, value=value, checked=chosen), el("span", label), class_="option")


def _list(field: Field, value: Any, at: str) -> Html:
    blank = el("option", texts()["calc"]["not_chosen"], value="")
    return el("select", blank, [el("option", c, value=c, selected=c == value) for c in field.choices], id=at)


def _input(field: Field, value: Any, at: str, unit: str, described: str | None) -> Html:
    if field.kind == "day":
        return el("input", type="date", id=at, value=value, aria_describedby=described)
    limits = [None if limit is None else plain(limit) for limit in (field.low, field.high)]
    # A wide range says nothing that helps; a narrow one (0 to 100 %) does.
    near = field.high is not None and field.high <= 1000
    hint = texts()["calc"]["range"].format(low=limits[0], high=limits[1]) if near else None
    return el(
        "input", type="number", id=at, value=None if value is None else str(value), min=limits[0], max=limits[1],
        step="1" if field.kind == "whole" else "any", inputmode="numeric" if field.kind == "whole" else "decimal",
        placeholder=hint, aria_describedby=described, aria_label=f"{word(field.name).label}（{unit}）" if unit else None,
    )  # fmt: skip
