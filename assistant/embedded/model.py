"""The offline chat model: it takes the messages a large one takes, and emits the same tool calls."""

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from pydantic import ConfigDict

from assistant.embedded.deciding.decide import decide
from assistant.embedded.deciding.topics import Topics
from assistant.embedded.memory import INTENT, read_turns, remember
from assistant.embedded.phrasing.phrase import phrase
from assistant.embedded.phrasing.phrases import Reply

REPLY = "reply"
"""Key of ``AIMessage.additional_kwargs``: status, choices and suggestions that go with a final text."""
_DATE = re.compile(r"日期：(\d{4}-\d{2}-\d{2})")


class EmbeddedChatModel(BaseChatModel):
    """Understands by examples and grammar, calculates by tools, and phrases from templates."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    topics: Callable[[], Topics]
    """Opens the example questions when the first message needs them."""

    @property
    def _llm_type(self) -> str:
        return "embedded"

    def bind_tools(
        self, tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool], **kwargs: Any
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The calculators are known to this model as they are; nothing needs to be bound."""
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=self._respond(messages))])

    def _respond(self, messages: Sequence[BaseMessage]) -> AIMessage:
        talk: list[AnyMessage] = [m for m in messages if not isinstance(m, SystemMessage)]  # type: ignore[misc]
        turns = read_turns(talk)
        if not turns:
            return _final(Reply("", "needs_information"))
        present, earlier = turns[-1], turns[:-1]
        if not isinstance(talk[-1], HumanMessage):
            return _final(phrase(present))
        memory = remember(earlier)
        decision = decide(present.text, memory, self.topics(), _as_of(messages))
        if decision.calls:
            calls = [
                {"name": name, "args": args, "id": f"call_{uuid.uuid4().hex[:12]}", "type": "tool_call"}
                for name, args in decision.calls
            ]
            return AIMessage(content="", tool_calls=calls, additional_kwargs={INTENT: decision.intent})
        return _final(Reply(decision.reply, decision.status), decision.intent)


def _final(reply: Reply, intent: dict[str, Any] | None = None) -> AIMessage:
    extra: dict[str, Any] = {
        REPLY: {"status": reply.status, "choices": reply.choices, "suggestions": reply.suggestions}
    }
    if intent:
        extra[INTENT] = intent
    return AIMessage(content=reply.text, additional_kwargs=extra)


def _as_of(messages: Sequence[BaseMessage]) -> date:
    """The date of the question, which the system message states."""
    for message in messages:
        if isinstance(message, SystemMessage) and (found := _DATE.search(str(message.text))):
            return date.fromisoformat(found[1])
    return date.today()
