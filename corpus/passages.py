"""What search looks through: the plan's sentences and titles, and how people speak of them in everyday words.

Everyday wording (``everyday.yaml``) helps to find a sentence and is never shown; quotes come from the plan.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from corpus.plan import FOLDER, Plan, PlanFormatError, clause_label, load_plan

EVERYDAY = FOLDER / "everyday.yaml"


@dataclass(frozen=True, slots=True)
class Passage:
    """One text with a vector of its own. ``sentence`` is its place in ``Plan.sentences``; a title has none."""

    kind: Literal["sentence", "title", "everyday"]
    text: str
    clause: int
    sentence: int | None


class _Wording(BaseModel):
    model_config = ConfigDict(extra="forbid")

    about: str
    say: tuple[str, ...]


@cache
def load_passages() -> tuple[Passage, ...]:
    """All passages of the bundled plan, in a fixed order. Raises PlanFormatError."""
    return build_passages(load_plan(), EVERYDAY.read_text("utf-8"))


def build_passages(plan: Plan, everyday: str) -> tuple[Passage, ...]:
    """Sentences, then titles, then everyday wording, each tied to its sentence. Raises PlanFormatError."""
    sentences = tuple(
        Passage("sentence", sentence.text, sentence.clause, position)
        for position, sentence in enumerate(plan.sentences)
    )
    titles = tuple(Passage("title", clause.title, clause.number, None) for clause in plan.clauses)
    return sentences + titles + tuple(_everyday(plan, everyday))


def _everyday(plan: Plan, text: str) -> Iterator[Passage]:
    try:
        raw: Any = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        wordings = TypeAdapter(dict[int, tuple[_Wording, ...]]).validate_python(raw)
    except (yaml.YAMLError, ValidationError) as error:
        raise PlanFormatError(f"{EVERYDAY.name} 格式不对：{str(error).splitlines()[0]}") from error
    if missing := {clause.number for clause in plan.clauses} ^ wordings.keys():
        raise PlanFormatError(f"{EVERYDAY.name} 缺少或多出{clause_label(min(missing))}")
    for clause, entries in wordings.items():
        for entry in entries:
            found = [i for i, s in enumerate(plan.sentences) if s.clause == clause and entry.about in s.text]
            if len(found) != 1:
                where = f"{EVERYDAY.name} 里{clause_label(clause)}的「{entry.about}」"
                raise PlanFormatError(f"{where}应当只出现在该条的一句里，实际是 {len(found)} 句")
            yield from (Passage("everyday", wording, clause, found[0]) for wording in entry.say)
