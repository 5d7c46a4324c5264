"""What several parts of the agent read from a conversation's messages."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

SPOKEN_BY = "spoken_by"
"""Key of ``AIMessage.additional_kwargs``: "embedded" when that model took over from a real one."""


def present_turn(messages: Sequence[AnyMessage]) -> Sequence[AnyMessage]:
    """The messages since the person last spoke, theirs first.

    What a real model did before the embedded one started over is left out: nothing rests on it.
    """
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    over = next((i for i, m in enumerate(messages) if i > last and started_over(m)), last + 1)
    return [messages[last], *messages[over:]]


def started_over(message: AnyMessage) -> bool:
    """The embedded model took over here, with tool calls of its own."""
    took_over = message.additional_kwargs.get(SPOKEN_BY) == "embedded"
    return took_over and isinstance(message, AIMessage) and bool(message.tool_calls)


def evidence_of(messages: Sequence[AnyMessage]) -> list[dict[str, Any]]:
    """What the present turn's reply may rest on: its own results, or, where it has none, those it refers back to."""
    return artifacts_of(present_turn(messages)) or artifacts_of(_last_worked_turn(messages))


def _last_worked_turn(messages: Sequence[AnyMessage]) -> Sequence[AnyMessage]:
    last = max((i for i, message in enumerate(messages) if isinstance(message, ToolMessage)), default=-1)
    return present_turn(messages[: last + 1]) if last >= 0 else []


def artifacts_of(messages: Sequence[AnyMessage]) -> list[dict[str, Any]]:
    """What the tools returned among these messages."""
    return [m.artifact for m in messages if isinstance(m, ToolMessage) and isinstance(m.artifact, dict)]


def said_by_person(messages: Sequence[AnyMessage]) -> list[str]:
    """All that the person has said."""
    return [str(message.text) for message in messages if isinstance(message, HumanMessage)]
