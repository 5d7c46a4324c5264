"""What a message tells for one calculator."""

from dataclasses import dataclass, field
from typing import Any

from assistant.embedded.understanding.groups import HEADS

GOING_ON = "。‖"
"""Marks a message that goes on with a benefit: whose contributions are meant need not be said again."""


@dataclass
class Reading:
    """What a message says for one calculator."""

    facts: dict[str, Any] = field(default_factory=dict)
    several: dict[str, list[Any]] = field(default_factory=dict)
    """Choices outside of groups for which several values were named: 单位和个人各交多少."""
    rough: list[str] = field(default_factory=list)
    """Facts said only roughly (十来个): to be asked for."""
    uncounted: bool = False
    """Several people, of whom no number at all is told: 我们这批人."""
    unsure: bool = False
    """The person does not know what was asked."""
    places: list[tuple[str, int, int]] = field(default_factory=list)
    """(fact, start, end): where in the message each fact was told."""
    rest: list[dict[str, Any]] = field(default_factory=list)
    """The others, where what the benefit asks for was said of some alone."""
    unsaid: set[str] = field(default_factory=set)
    """Choices in ``several`` that the message says nothing of: 失业保险交多少, without whose part."""
    set_aside: list[tuple[int, int]] = field(default_factory=list)
    """Where amounts stand that are nothing this benefit asks for, though it knows what they are: 个人部分养老9000."""
    each_asked: bool = False
    """每个人分别能拿多少: what each of several gets by themselves is asked."""
    unclear: bool = False
    """A part of the people is told of, and it matters of which of several groups."""
    summed_up: bool = False
    """Figures of several groups were put together: 15个人基数4200，6个人基数6800."""
    guessed: set[str] = field(default_factory=set)
    """Numbers that no word beside them ties to their fact."""

    @property
    def empty(self) -> bool:
        return not (self.facts or self.rough or self.unsure)

    @property
    def told_roughly(self) -> list[str]:
        """The facts of which a number is told, but only roughly."""
        return [name for name in self.rough if not (self.uncounted and name in HEADS)]

    @property
    def rows(self) -> list[dict[str, Any]]:
        return next((value for value in self.facts.values() if isinstance(value, list)), [])
