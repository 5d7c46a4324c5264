"""What an assistant counts while it works: figures it would not let out, and what a language model cost."""

import threading
from dataclasses import dataclass, field, fields

from langchain_core.messages import AIMessage


@dataclass
class Tally:
    """Counts since the start; safe to share between threads."""

    struck: int = 0
    """Figures that nothing bore out, struck from a reply about to leave."""
    refused: int = 0
    """Figures that nothing bore out in what a language model proposed; it was asked again or replaced."""
    taken_over: int = 0
    """Turns that the embedded model finished for a language model."""
    model_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    """As far as the model's server tells."""
    _counting: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False, compare=False)

    def counts(self) -> dict[str, int]:
        """The counts by name."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.compare}

    def add(self, **counts: int) -> None:
        """Raise counts by name."""
        with self._counting:
            for name, count in counts.items():
                setattr(self, name, getattr(self, name) + count)

    def add_call(self, message: AIMessage) -> None:
        """One call of a language model, with the tokens that its server reported."""
        used = message.usage_metadata
        tokens = {"input_tokens": used["input_tokens"], "output_tokens": used["output_tokens"]} if used else {}
        self.add(model_calls=1, **tokens)
