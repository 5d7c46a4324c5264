"""What several parts of the agent read from a conversation's messages."""

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AnyMessage, HumanMessage, ToolMessage

SPOKEN_BY = "spoken_by"
"""Key of ``AIMessage.additional_kwargs``: "embedded" when that model took over from a real one."""


def present_turn(messages: Sequence[AnyMessage]) -> Sequence[AnyMessage]:
    """The messages since the person last spoke, theirs first."""
    last = max(i for i, message in enumerate(messages) if isinstance(message, HumanMessage))
    return messages[last:]


def artifacts_of(messages: Sequence[AnyMessage]) -> list[dict[str, Any]]:
    """What the tools returned among these messages."""
    return [m.artifact for m in messages if isinstance(m, ToolMessage) and isinstance(m.artifact, dict)]


def said_by_person(messages: Sequence[AnyMessage]) -> list[str]:
    """All that the person has said."""
    return [str(message.text) for message in messages if isinstance(message, HumanMessage)]
