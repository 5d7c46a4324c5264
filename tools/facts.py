"""What a calculator may be told: pydantic models whose fields are named once, in ``vocabulary.yaml``.

A field is None while it is not known. A name means the same fact in every calculator, so a screening can
hand one set of facts to all of them and a person is asked for a thing only once.
"""

import json
import types
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

VOCABULARY = Path(__file__).parent / "vocabulary.yaml"


class Word(BaseModel):
    """How a fact is called, asked for and explained."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: str
    ask: str
    """The question that asks for it, in everyday Chinese."""
    unit: str = ""
    help: str = ""
    presume: Any = None
    """Taken as given in conversation unless the person says otherwise, and stated as an assumption."""
    presume_text: str = ""
    """How the assumption reads: 按足额缴纳计."""
    fixed: bool = False
    """A fact nobody can act on (age, when one left school): never offered as "what would change it"."""


@cache
def vocabulary() -> Mapping[str, Word]:
    raw = yaml.load(VOCABULARY.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return {name: Word.model_validate(entry) for name, entry in raw.items()}


def word(name: str) -> Word:
    """The vocabulary entry of a fact, by its field name or its path (``hires.0.category``)."""
    return vocabulary()[name.rsplit(".", 1)[-1]]


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Put the Chinese label, unit, question and assumption into the JSON Schema."""
    for name, entry in schema.get("properties", {}).items():
        about = word(name)
        entry["title"] = about.label
        entry["description"] = about.help or about.ask
        if about.unit:
            entry["x-unit"] = about.unit


def _no_boolean(value: Any) -> Any:
    """True is not 1 person."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


class Facts(BaseModel):
    """Base of every fact model. Unknown facts are None; unknown names are an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra=_describe)


F = TypeVar("F", bound=Facts)

Count = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_no_boolean)]
Months = Annotated[int, Field(ge=0, le=600), BeforeValidator(_no_boolean)]
Age = Annotated[int, Field(ge=0, le=120), BeforeValidator(_no_boolean)]
Years = Annotated[Decimal, Field(ge=0, le=20, max_digits=6), BeforeValidator(_no_boolean)]
Money = Annotated[
    Decimal, Field(ge=0, le=Decimal(1_000_000_000_000), decimal_places=2), BeforeValidator(_no_boolean)
]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=9), BeforeValidator(_no_boolean)]

EmployerType = Literal["企业", "社会组织", "个体工商户", "事业单位", "其他"]
FirmSize = Literal["大型企业", "中型企业", "小微企业", "中小微企业"]
"""中小微企业: known not to be large, not known which of the three."""
Category = Literal[
    "毕业年度高校毕业生",
    "离校2年内未就业高校毕业生",
    "高校毕业生",
    "16—24岁登记失业青年",
    "登记失业人员",
    "就业困难人员",
    "脱贫劳动力",
    "农村劳动力",
    "返乡入乡农民工",
    "在校学生",
    "其他",
]
"""Who a person is. 高校毕业生 alone leaves open when they left school and whether they have worked."""
Insurance = Literal["养老保险", "失业保险", "工伤保险", "医疗保险"]
Grade = Literal["初级工", "中级工", "高级工", "技师", "高级技师", "专项职业能力证书"]


class FactError(ValueError):
    """Facts that cannot be calculated with: one Chinese line per fact, naming it, its unit and its range.

    A fact model's own validator raises it for facts that contradict each other (留用人数 above 见习人数).
    """


def parse_facts(model: type[F], facts: Mapping[str, Any] | F) -> F:
    """Validate facts for a calculator. Raises FactError."""
    if isinstance(facts, model):
        return facts
    try:
        return model.model_validate(facts)
    except ValidationError as error:
        raise FactError("；".join(dict.fromkeys(_complaint(model, e) for e in error.errors()))) from None


def _complaint(model: type[Facts], error: Any) -> str:
    loc = tuple(part for part in error["loc"])
    names = [part for part in loc if isinstance(part, str) and part in vocabulary()]
    path = ".".join(str(part) for part in loc)
    raised = error.get("ctx", {}).get("error")
    if isinstance(raised, FactError):
        return str(raised)
    if error["type"] == "extra_forbidden":
        row = group_model(field_type(model, tuple(names))) if names else None
        known = (row or model).model_fields
        return f"没有「{path}」这一项；可填：{'、'.join(f'{name}（{word(name).label}）' for name in known)}"
    if not names:
        return f"事实要写成 JSON 对象；{path or '内容'} 的格式不对"
    about, annotation = word(names[-1]), field_type(model, tuple(part for part in loc if isinstance(part, str)))
    unit = f"，单位：{about.unit}" if about.unit else ""
    digits = "，最多两位小数" if error["type"] == "decimal_max_places" else ""
    given = _as_told(error["input"])
    shown = given if len(given) <= 40 else given[:40] + "…"
    return f"「{about.label}」（{path}）应为{_wanted(annotation, loc)}{digits}{unit}；现在是「{shown}」"


def _wanted(annotation: Any, loc: tuple[Any, ...]) -> str:
    """What should have stood at the place of an error: in a list, one of its items or the list."""
    base = bare_type(annotation)
    if get_origin(base) is not tuple:
        return allowed(annotation)
    item = get_args(base)[0]
    if isinstance(loc[-1], int):
        return "一组人的情况，写成 JSON 对象" if _is_facts(item) else allowed(item)
    return "列表" if _is_facts(item) else f"列表，里面可填{allowed(item)}"


def _as_told(value: Any) -> str:
    """A value as JSON has it: true for True, no exponent."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    try:
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except TypeError:
        return str(value)


def allowed(annotation: Any) -> str:
    """What a fact may be, in Chinese: 0 到 1000000 的整数; 是或否; one of …"""
    base, bounds = _bare(annotation)
    if get_origin(base) is Literal:
        return "、".join(get_args(base)) + " 之一"
    if base is bool:
        return "是（true）或否（false）"
    if base in (int, Decimal):
        low = bounds.get("ge", bounds.get("gt"))
        more = "大于 " if "gt" in bounds else ""
        kind = "整数" if base is int else "数"
        return f"{more}{low} 到 {bounds['le']} 的{kind}"
    return {"date": "日期（如 2025-09-01）"}.get(getattr(base, "__name__", ""), "列表")


def field_type(model: type[Facts], names: tuple[str, ...]) -> Any:
    """The declared type of a fact, following lists of groups."""
    annotation: Any = model
    for name in names:
        group = group_model(annotation) if not _is_facts(annotation) else annotation
        if group is None or name not in group.model_fields:
            continue
        field = group.model_fields[name]
        annotation = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return annotation


def group_model(annotation: Any) -> type[Facts] | None:
    """The model of a list's rows: Hire for tuple[Hire, ...]; None if it is no list of groups."""
    for arg in (annotation, *get_args(annotation)):
        if get_origin(arg) is tuple and _is_facts(get_args(arg)[0]):
            model: type[Facts] = get_args(arg)[0]
            return model
    return None


def leaves(model: type[Facts]) -> Iterator[tuple[str, str, Any]]:
    """(list name or "", field name, type) of every fact a calculator knows, in declaration order."""
    for name, field in model.model_fields.items():
        group = group_model(field.annotation)
        if group is None:
            yield "", name, field_type(model, (name,))
        else:
            for _, inner, annotation in leaves(group):
                yield name, inner, annotation


def bare_type(annotation: Any) -> Any:
    """int for Annotated[int, …] | None."""
    return _bare(annotation)[0]


def _bare(annotation: Any) -> tuple[Any, dict[str, Any]]:
    bounds: dict[str, Any] = {}
    while True:
        if hasattr(annotation, "__metadata__"):
            for item in annotation.__metadata__:
                for part in getattr(item, "metadata", [item]):
                    for key in ("ge", "gt", "le"):
                        if getattr(part, key, None) is not None:
                            bounds[key] = getattr(part, key)
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            (annotation,) = [arg for arg in get_args(annotation) if arg is not types.NoneType]
        else:
            return annotation, bounds


def _is_facts(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Facts)


def get_path(facts: Mapping[str, Any], path: str) -> Any:
    """The value at ``hires.0.category`` of a dumped fact set; None when absent."""
    value: Any = facts
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list | tuple) else value[part]
        except (KeyError, IndexError, ValueError, TypeError):
            return None
    return value


def with_value(facts: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """A copy of a fact set with one fact set otherwise."""
    head, _, rest = path.partition(".")
    if not rest:
        return {**facts, head: value}
    inner = facts.get(head)
    if isinstance(inner, list | tuple):
        index, _, tail = rest.partition(".")
        rows = list(inner)
        rows[int(index)] = with_value(rows[int(index)], tail, value) if tail else value
        return {**facts, head: rows}
    return {**facts, head: with_value(inner or {}, rest, value)}
