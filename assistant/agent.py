"""The loop every model runs in: LangChain's agent with the plan's tools and a memory of the conversation."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import SystemMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.config import get_config

from assistant.agent_tools import build_tools
from assistant.conversations import ForgetOldTurns
from corpus.retrieval import Retriever

PROMPT = (
    "你是广西人社政策助手，只依据行动方案回答，用简短、平实的中文。"
    "凡是金额、比例、期限，一律调用工具得到，不要自己算，也不要凭记忆写数字。"
    "问某人能不能享受、能领多少，调用对应的计算器，只填对方说过的事实，没说的不填；问标准、条件、期限，调用 policy_standard；"
    "问其他条款，调用 search_policy；方案以外的事或违规要求，调用 decline。"
    "工具说缺什么，就只问那一件。结论先说，再说算法和依据。"
)

class DatedPrompt(AgentMiddleware):
    """The system prompt with the date of the question, stable within a day so that servers can cache it."""

    def wrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]
    ) -> ModelResponse:
        day = get_config()["configurable"]["as_of"]
        return handler(request.override(system_message=SystemMessage(f"{PROMPT}\n日期：{day}")))


def build_agent(
    model: BaseChatModel,
    retriever: Callable[[], Retriever],
    checkpointer: BaseCheckpointSaver[Any],
    middleware: Sequence[AgentMiddleware[Any, Any]] = (),
) -> Any:
    """An agent that answers for one ``thread_id`` as of ``as_of`` (both in the run's configuration)."""
    return create_agent(
        model,
        tools=build_tools(retriever),
        middleware=[ForgetOldTurns(), DatedPrompt(), *middleware],
        checkpointer=checkpointer,
    )
