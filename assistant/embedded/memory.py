"""The conversation so far, as far as the next step needs it, read from the messages themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from assistant.messages import started_over
from corpus.text import normalise
from tools.catalogue import catalogue, find
from tools.facts import Facts, group_model
from tools.screening import nearest_told

INTENT = "intent"
"""Key of ``AIMessage.additional_kwargs`` under which the embedded model notes what it understood."""


@dataclass
class Turn:
    """One message of the person, what was called for it, and what came back."""

    text: str
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)
    intent: dict[str, Any] = field(default_factory=dict)

    @property
    def calculations(self) -> list[dict[str, Any]]:
        return [result for result in self.results if result.get("type") == "calculation"]

    @property
    def about(self) -> list[str]:
        """The benefits it was about, by calculation or by standard."""
        return [r["tool"] for r in self.results if r.get("type") in ("calculation", "standard", "invalid") and r.get("tool")]


def read_turns(messages: Sequence[AnyMessage]) -> list[Turn]:
    """The turns of a conversation, the present one last."""
    turns: list[Turn] = []
    for message in messages:
        if isinstance(message, HumanMessage):
            turns.append(Turn(str(message.text)))
        elif not turns:
            continue
        elif isinstance(message, AIMessage):
            if started_over(message):
                turns[-1] = Turn(turns[-1].text)
            turns[-1].calls += [(call["name"], dict(call["args"])) for call in message.tool_calls]
            turns[-1].intent |= message.additional_kwargs.get(INTENT, {})
        elif isinstance(message, ToolMessage):
            artifact = message.artifact if isinstance(message.artifact, dict) else {}
            turns[-1].results.append(artifact or {"type": "error", "message": str(message.text)})
    return turns


@dataclass
class Memory:
    """What earlier turns left behind."""

    facts: dict[str, Any] = field(default_factory=dict)
    """Facts of the benefit last talked about."""
    before: dict[str, Any] = field(default_factory=dict)
    """The same before the last message about that benefit."""
    profile: dict[str, Any] = field(default_factory=dict)
    """Facts said at any time, by their shared names, groups of people left out."""
    by_tool: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Facts of every benefit talked about, for coming back to it."""
    tool: str = ""
    pending: str = ""
    """Path of the fact that was asked for last."""
    addition: bool = False
    """The second payment alone was asked about: 第二笔5000要什么条件."""
    others: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Facts of what was asked about along with it: 扩岗补助和社保补贴各多少."""
    invited: bool = False
    """The last answer was a general one, which ends by asking for the case."""
    clause: int = 0
    """Clause last quoted, when the talk was not about a calculator."""
    question: str = ""
    """The message that opened the present subject."""
    introduced: str = ""
    """What somebody told of themselves in the last message, that asked nothing."""
    refused: str = ""
    """What was refused in the last turn."""
    people: list[dict[str, Any]] = field(default_factory=list)
    """The groups of people last told of, with all that was said of them for any benefit."""
    said: list[str] = field(default_factory=list)
    """The messages about the people now talked about: another benefit may understand more of them."""

    @property
    def pending_name(self) -> str:
        return self.pending.rsplit(".", 1)[-1]


def _size(facts: dict[str, Any]) -> int:
    """How much is told: single facts, those of every group counted."""
    return sum(sum(map(len, v)) if isinstance(v, list) and v and isinstance(v[0], dict) else 1 for v in facts.values())


def remember(turns: Sequence[Turn]) -> Memory:
    """What the turns before the present one leave behind."""
    memory = Memory()
    for turn in turns:
        if turn.intent.get("reset"):
            memory = Memory()
            continue
        memory.introduced = turn.intent.get("introduced", "")
        memory.refused = next((r["topic"] for r in turn.results if r.get("type") == "declined" and r["status"] == "refused"), "")
        if turn.about:
            calculations = turn.calculations
            same = memory.tool == turn.about[0]
            memory.tool = turn.about[0]
            memory.question = turn.text
            said, people = memory.said, memory.people
            told = {} if turn.intent.get("apart") else turn.intent.get("facts")
            if told is None:  # of several variants (单位和职工各多少) what was told is common to all
                told = next((args for name, args in turn.calls if name == memory.tool), {})
            if not calculations:
                # A question about the standard in between leaves the case as it was.
                told = max(told, memory.by_tool.get(memory.tool, {}), key=_size)
            memory.before = memory.facts if same else {}
            memory.addition = bool(turn.intent.get("addition"))
            memory.facts = dict(told)
            memory.people = _still_about(people, memory.facts)
            still = same or turn.intent.get("further") or _numbers(memory.people) == _numbers(people)
            memory.said = [*(said[-4:] if still else []), normalise(turn.text)]
            memory.others = _along_with(turn)
            waiting = bool(calculations) and (len(calculations) == 1 or bool(memory.others)) and calculations[0]["verdict"] == "unknown"
            memory.invited = not calculations
            if calculations or not same:
                memory.pending = (calculations[0]["missing"] or [""])[0] if waiting else turn.intent.get("unsure", "")
            memory.by_tool.pop(memory.tool, None)  # the one last talked about comes last
            memory.by_tool[memory.tool] = memory.facts
            memory.profile |= {k: v for k, v in memory.facts.items() if not isinstance(v, list)}
            memory.clause = 0
        elif found := next((r for r in turn.results if r.get("type") == "clauses"), None):
            memory.clause = found["hits"][0]["clause"] if found["hits"] else 0
            memory.tool, memory.pending = "", ""
            memory.question = memory.question if turn.intent.get("follows") else turn.text
        elif screening := next((r for r in turn.results if r.get("type") == "screening"), None):
            _remember_screening(memory, turn, screening)
    return memory


def _along_with(turn: Turn) -> dict[str, dict[str, Any]]:
    """Each other benefit of a turn that asked about several side by side, with its facts."""
    tools = [name for name, _ in turn.calls if name in catalogue()]
    if len(set(tools)) < len(tools) or turn.intent.get("apart") or turn.intent.get("parts"):
        return {}
    instead = {catalogue()[name].benefit.otherwise for name in tools}
    return {name: args for name, args in turn.calls[1:] if name in catalogue() and name not in instead and name != turn.about[0]}


def _numbers(people: list[dict[str, Any]]) -> list[Any]:
    return [row.get("heads") for row in people]


def _still_about(people: list[dict[str, Any]], facts: dict[str, Any]) -> list[dict[str, Any]]:
    """The people told of, with what is newly said of them; others, where their numbers are others."""
    rows = next((v for v in facts.values() if isinstance(v, list) and v and isinstance(v[0], dict)), [])
    rows = [{"heads" if key.endswith("heads") else key: value for key, value in row.items()} for row in rows]
    if not any(row.get("heads") or "category" in row for row in rows):
        return people
    same = _numbers(rows) == _numbers(people)
    return [{**old, **row} for old, row in zip(people, rows, strict=True)] if same else rows


def _remember_screening(memory: Memory, turn: Turn, screening: dict[str, Any]) -> None:
    """A screening ends by asking about the benefit that it comes nearest to: the talk goes on with that one."""
    facts: dict[str, Any] = dict(turn.intent.get("facts") or {})
    memory.profile |= {k: v for k, v in facts.items() if not isinstance(v, list)}
    memory.question, memory.said = turn.text, [normalise(turn.text)]
    memory.tool, memory.facts, memory.pending = "screen_benefits", facts, ""
    memory.people = _still_about(memory.people, facts)
    near = nearest_told(screening, facts)
    if near:
        row = next(row for row in screening["open"] if row["tool"] == near[0])
        model = find(near[0]).facts
        own = {name: value for name, value in facts.items() if name in model.model_fields}
        memory.tool, memory.pending = near[0], (row["missing"] or [""])[0]
        memory.facts = {name: _own_rows(model, name, value) for name, value in own.items()}
        memory.by_tool[memory.tool] = memory.facts


def _own_rows(model: type[Facts], name: str, value: Any) -> Any:
    """Groups of people with what this benefit knows of them."""
    rows = group_model(model.model_fields[name].annotation)
    return value if rows is None else [{k: v for k, v in row.items() if k in rows.model_fields} for row in value]
