"""A real language model in the agent's loop: helped, held to its tools, and replaced when it fails.

The model is offered the tools that fit and what was read from the message. It has to call a tool before it
answers; its reply is checked for figures and for agreement with the results. After one retry, or when it is
too slow, unreachable or confused, the embedded model goes on from the same messages, and the reply says so.
"""

import json
import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import date
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain.agents.middleware.types import ToolCallRequest
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool
from langgraph.config import get_config
from langgraph.types import Command

from assistant.embedded.deciding.decide import decide
from assistant.embedded.deciding.decision import Decision
from assistant.embedded.memory import INTENT, read_turns, remember
from assistant.embedded.model import EmbeddedChatModel
from assistant.grounding import gather, ungrounded
from assistant.messages import SPOKEN_BY, artifacts_of, present_turn, said_by_person
from assistant.settings import Settings, SettingsError
from assistant.tally import Tally
from tools.catalogue import catalogue

log = logging.getLogger(__name__)

GENERAL_TOOLS = ("policy_standard", "search_policy")
MOST_STEPS = 5
"""Model calls of one turn; then the embedded model finishes it."""
_FENCED = re.compile(r"```(?:json|tool_call|python)?\s*(.*?)```|<tool_call>\s*(.*?)\s*(?:</tool_call>|$)", re.S)
_THOUGHT = re.compile(r"<think>.*?</think>\s*", re.S)
_NO = re.compile(r"不符合|不能|不可以|不满足|不够|没有资格|无法|不行|不在.{0,6}范围|还差|不属于|未满|未达到|不予|不享受")
_ENDED = re.compile(r"到期|过期|截止|结束|失效|不再")
_OPEN = re.compile(r"[?？]|请(?:问|告诉|提供|补充|说明)|需要(?:知道|了解|确认)")


class ModelFailed(Exception):
    """The real model gave nothing usable; the message is for the log."""


def start_model(settings: Settings) -> BaseChatModel:
    """The configured chat model, in ``init_chat_model`` form (``openai:name`` with a base URL, ``ollama:name`` …).

    Raises SettingsError when it cannot be set up.
    """
    extra: dict[str, Any] = {"timeout": settings.model_timeout, "max_retries": 0, "temperature": 0, "max_tokens": 600}
    if settings.model_base_url:
        extra["base_url"] = settings.model_base_url
    if key := settings.model_api_key.get_secret_value() or ("none" if settings.model_base_url else ""):
        extra["api_key"] = key
    try:
        model: BaseChatModel = init_chat_model(settings.model, **extra)
    except Exception as error:  # every provider's own, and ImportError for one that is not installed
        reason = (str(error) or type(error).__name__).splitlines()[0]
        if ":" not in settings.model:
            reason = "没有写明由谁提供"
        elif isinstance(error, ImportError):
            reason = f"这台机器上没有装它要用的程序包 {error.name or reason}"
        raise SettingsError(
            f"设置 ASSISTANT_MODEL 的值“{settings.model}”用不了（{reason}）："
            "写法如 openai:模型名，再设 ASSISTANT_MODEL_BASE_URL 和 ASSISTANT_MODEL_API_KEY；不设就用自带的模型"
        ) from None
    return model


class LanguageModel(AgentMiddleware):
    """Everything that makes a real model's answers safe, around each of its calls."""

    def __init__(self, embedded: EmbeddedChatModel, timeout: float, tally: Tally | None = None) -> None:
        super().__init__()
        self._tally = tally or Tally()
        self._embedded = embedded
        self._timeout = timeout
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="language-model")
        self._deadlines: dict[str, float] = {}

    def wrap_model_call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]
    ) -> ModelResponse:
        """Call the model within its limits; the embedded model answers where it cannot."""
        started = self._begun(request.messages)
        present = present_turn(request.messages)
        if any(m.additional_kwargs.get(SPOKEN_BY) == "embedded" for m in present):
            return self._spoken_by_embedded(handler(request.override(model=self._embedded)))
        decision = self._reading(request)
        if not _model_may_answer(decision):
            return handler(request.override(model=self._embedded))
        try:
            return self._answer(request, handler, decision, started + self._timeout)
        except ModelFailed as error:
            log.warning("语言模型没能回答（%s），改由自带的模型回答", error)
        except Exception as error:  # whatever a server or a client library does wrong, the person gets an answer
            log.warning("语言模型出错（%s：%s），改由自带的模型回答", type(error).__name__, str(error).splitlines()[:1])
        return self._fall_back(request, handler)

    def wrap_tool_call(
        self, request: ToolCallRequest, handler: Callable[[ToolCallRequest], ToolMessage | Command[Any]]
    ) -> ToolMessage | Command[Any]:
        """Hold the facts of a call against what the person said, before it is calculated."""
        call = request.tool_call
        if call["name"] not in catalogue():
            return handler(request)
        messages = request.state["messages"]
        if any(m.additional_kwargs.get(SPOKEN_BY) == "embedded" for m in present_turn(messages)):
            return handler(request)  # read from the message in the first place
        decision = self._reading_of(messages)
        facts = next((args for name, args in decision.calls if name == call["name"]), None)
        if facts is None:
            facts = supported(call["args"], decision.intent.get("facts") or {}, said_by_person(messages))
        return handler(request.override(tool_call={**call, "args": facts}))

    # --- one call -------------------------------------------------------------------------------------------

    def _answer(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse], decision: Decision, deadline: float
    ) -> ModelResponse:
        """The model's next step, with one retry that names what was wrong."""
        present = present_turn(request.messages)
        if sum(isinstance(m, AIMessage) for m in present) >= MOST_STEPS:
            raise ModelFailed("步数用完")
        prepared = self._prepare(request, decision)
        for attempt in range(2):
            message = self._call(prepared, handler, deadline)
            problem = self._problem(message, prepared, present, decision)
            if not problem:
                if message.tool_calls:
                    # Later turns build on what was understood, whichever model answered.
                    message.additional_kwargs[INTENT] = decision.intent
                return ModelResponse(result=[message])
            log.info("语言模型的回复不能用（第%d次）：%s", attempt + 1, problem)
            correction = HumanMessage(f"（系统：{problem}。请改正后重新回答。）")
            # A second try with results at hand needs no tool: small models only trip over them.
            done = artifacts_of(present) and "还要调用" not in problem
            tools = [] if done else prepared.tools
            spoken = AIMessage(str(message.text) or "（空）")
            prepared = prepared.override(messages=[*prepared.messages, spoken, correction], tools=tools)
        raise ModelFailed(problem)

    def _call(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse], deadline: float
    ) -> AIMessage:
        """One call within the time that is left; a call that stalls is abandoned."""
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise ModelFailed("超时")
        future: Future[ModelResponse] = self._pool.submit(_in_context(handler), request)
        try:
            response = future.result(timeout=remaining)
        except FutureTimeout:
            future.cancel()
            raise ModelFailed(f"{self._timeout:.0f}秒内没有答完") from None
        message = next((m for m in response.result if isinstance(m, AIMessage)), None)
        if message is None:
            raise ModelFailed("没有返回消息")
        self._tally.add_call(message)
        return repair_calls(message, {_name(tool) for tool in request.tools})

    def _prepare(self, request: ModelRequest, decision: Decision) -> ModelRequest:
        """Only the tools that fit, and what was read from the message: small models need both."""
        suggested = [name for name, _ in decision.calls]
        wanted = {*suggested, *GENERAL_TOOLS}
        tools = [tool for tool in request.tools if _name(tool) in wanted]
        messages = list(request.messages)
        last = max(i for i, m in enumerate(messages) if isinstance(m, HumanMessage))
        if last == len(messages) - 1 and decision.calls:
            calls = [{"name": name, "arguments": args} for name, args in decision.calls]
            hint = f"\n\n（系统识别，供参考：{json.dumps(calls, ensure_ascii=False)}）"
            messages[last] = HumanMessage(str(messages[last].text) + hint)
        return request.override(tools=tools, messages=messages)

    def _problem(
        self, message: AIMessage, request: ModelRequest, present: Sequence[AnyMessage], decision: Decision
    ) -> str:
        """Why a reply cannot be used; empty when it can."""
        called = {call["name"] for m in present if isinstance(m, AIMessage) for call in m.tool_calls}
        if message.tool_calls:
            names = {_name(tool) for tool in request.tools}
            unknown = [call["name"] for call in message.tool_calls if call["name"] not in names]
            done = [(c["name"], c["args"]) for m in present if isinstance(m, AIMessage) for c in m.tool_calls]
            if unknown:
                return f"没有名为 {unknown[0]} 的工具，可用的是 {'、'.join(sorted(names))}"
            if all((call["name"], call["args"]) in done for call in message.tool_calls):
                return "这个工具已经用同样的参数调用过，请根据结果回答"
            return ""
        artifacts = artifacts_of(present)
        if not artifacts:
            return "还没有调用工具，不能凭记忆回答"
        if due := [name for name, _ in decision.calls if name not in called]:
            return f"还要调用工具 {due[0]} 才能回答"
        text = str(message.text)
        if not text.strip():
            return "回复是空的"
        day = get_config()["configurable"]["as_of"]
        if found := ungrounded(text, gather(artifacts, said_by_person(request.messages), day)):
            self._tally.add(refused=len(found))
            return "这些数字没有来源：" + "、".join(figure.text for figure in found)
        return disagreement(text, artifacts)

    def _fall_back(
        self, request: ModelRequest, handler: Callable[[ModelRequest], ModelResponse]
    ) -> ModelResponse:
        self._tally.add(taken_over=1)
        # It phrases the results that are there if they are those it would have asked for, else it starts over.
        present = present_turn(request.messages)
        called = {call["name"] for m in present if isinstance(m, AIMessage) for call in m.tool_calls}
        messages = list(request.messages)
        if called != {name for name, _ in self._reading(request).calls}:
            messages = messages[: messages.index(present[0]) + 1]
        return self._spoken_by_embedded(handler(request.override(model=self._embedded, messages=messages)))

    @staticmethod
    def _spoken_by_embedded(response: ModelResponse) -> ModelResponse:
        for message in response.result:
            message.additional_kwargs[SPOKEN_BY] = "embedded"
        return response

    # --- what the grammar reads ------------------------------------------------------------------------------

    def _reading(self, request: ModelRequest) -> Decision:
        return self._reading_of(request.messages)

    def _reading_of(self, messages: Sequence[AnyMessage]) -> Decision:
        turns = read_turns(messages)
        day = date.fromisoformat(get_config()["configurable"]["as_of"])
        return decide(turns[-1].text, remember(turns[:-1]), self._embedded.topics(), day)

    def _begun(self, messages: Sequence[AnyMessage]) -> float:
        """When the present turn began: its limit covers all calls together."""
        last = next(m for m in reversed(messages) if isinstance(m, HumanMessage))
        while len(self._deadlines) > 1000:
            self._deadlines.pop(next(iter(self._deadlines)), None)
        return self._deadlines.setdefault(str(last.id), time.monotonic())


def repair_calls(message: AIMessage, names: set[str]) -> AIMessage:
    """Tool calls that a small model wrote as text, in fences or tags or bare, made into real ones."""
    text = _THOUGHT.sub("", str(message.text))
    if message.tool_calls:
        return message
    candidates = [part for groups in _FENCED.findall(text) for part in groups if part] or [text]
    calls = [call for candidate in candidates for call in _parse_calls(candidate, names)]
    if calls:
        return message.model_copy(update={"content": "", "tool_calls": calls})
    return message.model_copy(update={"content": text}) if text != message.text else message


def _parse_calls(text: str, names: set[str]) -> list[dict[str, Any]]:
    calls = []
    decoder = json.JSONDecoder()
    position = 0
    while (start := _next_json(text, position)) >= 0:
        try:
            value, position = decoder.raw_decode(text, start)
        except ValueError:
            position = start + 1
            continue
        for item in value if isinstance(value, list) else [value]:
            if call := _as_call(item, names):
                calls.append(call)
    return calls


def _next_json(text: str, position: int) -> int:
    found = [i for i in (text.find("{", position), text.find("[", position)) if i >= 0]
    return min(found, default=-1)


def _as_call(item: Any, names: set[str]) -> dict[str, Any] | None:
    if not isinstance(item, dict):
        return None
    nested = item.get("function")
    inner: dict[str, Any] = nested if isinstance(nested, dict) else item
    name = inner.get("name") or inner.get("tool") or inner.get("tool_name")
    args: Any = next((inner[key] for key in ("arguments", "parameters", "args", "input") if key in inner), {})
    if isinstance(args, str):
        try:
            args = json.loads(args)
        except ValueError:
            return None
    if name not in names or not isinstance(args, dict):
        return None
    return {"name": name, "args": args, "id": f"call_{uuid.uuid4().hex[:12]}", "type": "tool_call"}


def disagreement(text: str, artifacts: Sequence[Mapping[str, Any]]) -> str:
    """Where a reply says something else than the results it rests on; empty where it does not."""
    from decimal import Decimal

    from assistant.grounding import find_figures

    told = {figure.value for figure in find_figures(text)}
    for result in artifacts:
        if result.get("type") != "calculation":
            continue
        title = result["title"]
        if result["verdict"] == "not_met" and not _NO.search(text):
            return f"{title}的结果是不符合条件，回复里要说明不符合和原因"
        if result["verdict"] != "not_met" and not result["in_force"] and not _ENDED.search(text):
            return f"{title}已经到期，回复里要先说到期"
        for name in ("amount", "ceiling"):
            if result.get(name) is not None and Decimal(str(result[name])) not in told:
                return f"{title}的结果是{result[name]}元，回复里要写出来"
        if result["verdict"] == "unknown" and result["in_force"] and result["missing"] and not _OPEN.search(text):
            return f"{title}还缺信息，回复里要问清楚"
    return ""


def supported(args: Mapping[str, Any], read: Mapping[str, Any], said: Sequence[str]) -> dict[str, Any]:
    """The facts of a call that the person bears out: read from the message, or numbers they wrote."""
    from corpus.numerals import find_numbers
    from corpus.text import normalise

    text = normalise("\n".join(said))
    numbers = {number.value for number in find_numbers(text)}

    def kept(value: Any) -> Any:
        if isinstance(value, Mapping):
            rows = {key: kept(inner) for key, inner in value.items()}
            return {key: inner for key, inner in rows.items() if inner is not None} or None
        if isinstance(value, list):
            items = [item for item in map(kept, value) if item is not None]
            return items or None
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return value if value in {float(n) for n in numbers} | {float(n) * 12 for n in numbers} else None
        return value if isinstance(value, str) and normalise(value) in text else None

    own = {key: kept(value) for key, value in args.items()}
    return {key: value for key, value in own.items() if value is not None} | dict(read)


def _model_may_answer(decision: Decision) -> bool:
    """Greetings, refusals and what lies outside the plan need no model."""
    return bool(decision.calls) and all(name not in ("decline", "screen_benefits") for name, _ in decision.calls)


def _name(tool: BaseTool | dict[str, Any]) -> str:
    return tool.name if isinstance(tool, BaseTool) else str(tool.get("name", ""))


def _in_context(handler: Callable[[ModelRequest], ModelResponse]) -> Callable[[ModelRequest], ModelResponse]:
    """The handler with the run's context variables, which a worker thread would otherwise not see."""
    from contextvars import copy_context

    context = copy_context()
    return lambda request: context.run(handler, request)
