"""What to do about a message: tools to call with facts, or what to say at once."""

from dataclasses import dataclass, field
from typing import Any

Call = tuple[str, dict[str, Any]]


@dataclass
class Decision:
    """Tools to call, or a reply; ``intent`` is what was understood, kept for phrasing and for later turns."""

    calls: list[Call] = field(default_factory=list)
    reply: str = ""
    status: str = "answered"
    intent: dict[str, Any] = field(default_factory=dict)
