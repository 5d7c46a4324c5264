"""The one door that every channel uses."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage

from assistant.answer import Answer, Calculation, Choice, Citation, Status
from assistant.conversations import Conversations
from assistant.embedded.deciding.decide import decide
from assistant.embedded.deciding.topics import Topics
from assistant.embedded.memory import INTENT, Memory
from assistant.embedded.model import REPLY, EmbeddedChatModel
from assistant.embedded.phrasing.phrase import quoted
from assistant.embedded.phrasing.phrases import say, status_of
from assistant.grounding import gather, strike, ungrounded
from assistant.messages import SPOKEN_BY, artifacts_of, evidence_of, present_turn, said_by_person
from assistant.privacy import masked
from assistant.settings import Settings, SettingsError, load_settings
from assistant.streaming import Sentences
from assistant.tally import Tally
from corpus import PlanFormatError, load_plan
from corpus.embedding import EmbeddingModelError
from corpus.index import IndexUnavailableError
from corpus.retrieval import Retriever, open_retriever
from tools.catalogue import catalogue
from tools.parameters import ParameterError
from tools.screening import NEAR

_MENDABLE = (IndexUnavailableError, EmbeddingModelError, ParameterError, PlanFormatError, SettingsError)
log = logging.getLogger(__name__)


class Assistant:
    """Answers questions, one conversation per session. Safe to share between threads."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or load_settings()
        self._opening = threading.Lock()
        # A lock lives as long as somebody holds or awaits it.
        self._sessions: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()
        self.tally = Tally()

    def ask(self, question: str, session: str | None = None, as_of: date | None = None) -> Answer:
        """Answer one message. A new session starts when none is given. Never raises for bad input."""
        return next(piece for piece in self._work(question, session, as_of, live=False) if isinstance(piece, Answer))

    def stream(
        self, question: str, session: str | None = None, as_of: date | None = None
    ) -> Iterator[str | Answer]:
        """Pieces of the text as they become available, then the whole Answer last.

        The pieces make up the answer's text; if a language model had to start again, a line says so in between.
        """
        shown = ""
        for piece in self._work(question, session, as_of, live=bool(self.settings.model)):
            if isinstance(piece, Answer):
                begun = piece.text.startswith(shown)
                rest = piece.text[len(shown) :] if begun else f"\n\n{say('instead')}\n\n{piece.text}"
                yield from _pieces(rest)
                yield piece
            else:
                shown += piece
                yield piece

    def _work(
        self, question: str, session: str | None, as_of: date | None, *, live: bool
    ) -> Iterator[str | Answer]:
        """One turn: the sentences as a language model finishes them if ``live``, and the Answer."""
        started = time.perf_counter()
        session = session or uuid.uuid4().hex
        if problem := unusable(question, self.settings.max_question_length):
            yield _plain_answer(problem, "needs_information", session, started)
            return
        question = masked(question)
        day = (as_of or date.today()).isoformat()
        config = {"configurable": {"thread_id": session, "as_of": day}, "recursion_limit": 25}
        sentences = Sentences(day)
        state: dict[str, Any] = {}
        try:
            with self._turn(session):
                said = {"messages": [HumanMessage(question)]}
                modes = ["values", "messages"] if live else ["values"]
                for mode, data in self._agent.stream(said, config, stream_mode=modes, durability="exit"):
                    if mode == "messages":
                        yield from sentences.of(data[0])
                        continue
                    state = data
                    if live:
                        sentences.learn(state["messages"])
                self._conversations.settle(session)
        except _MENDABLE:
            raise  # the installation is broken; the channel tells the operator how to mend it
        except Exception:
            log.exception("这个问题没能处理：%s", question[:200])
            yield _plain_answer(say("failed"), "error", session, started)
            return
        answer = compose(state["messages"], session, self._model_name, started)
        yield self._checked(answer, state["messages"], day)

    def prepare(self, progress: Callable[[int, int], None] | None = None) -> Path:
        """Build and read what the first question would otherwise have to, and return the folder of what is kept."""
        with self._opening:
            self.__dict__.setdefault("retriever", self._open_retriever(progress))
        self._agent  # noqa: B018
        for tool in catalogue().values():
            decide(tool.benefit.examples[0], Memory(), self._topics, date.today())
        return self.settings.data_dir / "index"

    def _checked(self, answer: Answer, messages: Sequence[AnyMessage], day: str) -> Answer:
        """The answer without any sentence that holds a figure nobody can trace."""
        found = ungrounded(answer.text, gather(evidence_of(messages), said_by_person(messages), day))
        if not found:
            return answer
        self.tally.add(struck=len(found))
        log.warning("未能溯源的数字被删去：%s", "、".join(figure.text for figure in found))
        return answer.model_copy(update={"text": strike(answer.text, found) or say("nothing")})

    def forget(self, session: str) -> None:
        """Delete a conversation for good; the same name then begins a new one."""
        with self._turn(session):
            self._conversations.forget(session)

    def close(self) -> None:
        """Release the stores."""
        if "_conversations" in self.__dict__:
            self._conversations.close()

    @property
    def _model_name(self) -> str:
        return self.settings.model or "embedded"

    @cached_property
    def retriever(self) -> Retriever:
        """Search over the plan; its index is built on first use. Raises IndexUnavailableError."""
        with self._opening:
            return self._open_retriever()

    def _open_retriever(self, progress: Callable[[int, int], None] | None = None) -> Retriever:
        settings = self.settings
        return open_retriever(settings.data_dir, self._embedder, settings.chroma_url or None, progress)

    @cached_property
    def _embedder(self) -> Any:
        from corpus.embedding import load_embedder

        return load_embedder(self.settings.embedding_model or None)

    @cached_property
    def _topics(self) -> Topics:
        return Topics(self._embedder, self.settings.data_dir / "index")

    @cached_property
    def _agent(self) -> Any:
        from assistant.agent import build_agent

        embedded = EmbeddedChatModel(topics=lambda: self._topics)
        store = self._conversations.saver
        if not self.settings.model:
            return build_agent(embedded, lambda: self.retriever, store)
        from assistant.language_model import LanguageModel, start_model

        held = LanguageModel(embedded, self.settings.model_timeout, self.tally)
        return build_agent(start_model(self.settings), lambda: self.retriever, store, [held])

    @cached_property
    def _conversations(self) -> Conversations:
        return Conversations(self.settings.data_dir, self.settings.keep_days)

    def _turn(self, session: str) -> threading.Lock:
        """One turn of a session at a time."""
        with self._opening:
            return self._sessions.setdefault(session, threading.Lock())


def unusable(question: str, longest: int) -> str:
    """Why a message cannot be worked with, as a sentence to the person; empty when it can."""
    if not any(character.isalnum() for character in question):
        return "请用文字说说您的问题，比如：“招5个应届生，签了合同，社保交满3个月，扩岗补助多少？”"
    if len(question) > longest:
        return f"这段话太长了（{len(question)}字）。请挑最要紧的说，不超过{longest}字。"
    return ""


def compose(messages: Sequence[AnyMessage], session: str, model: str, started: float) -> Answer:
    """The Answer that a finished turn amounts to: the model's words, and the tools' results behind them."""
    artifacts = artifacts_of(present_turn(messages))
    final = messages[-1]
    extra = final.additional_kwargs.get(REPLY, {}) if isinstance(final, AIMessage) else {}
    calculations = list(_calculations(artifacts))
    if any(message.additional_kwargs.get(INTENT, {}).get("unsure") for message in present_turn(messages)):
        # Told both ways in the text; the result as it stands is the one with the fact unknown.
        calculations = calculations[:1]
    status: Status = extra.get("status") or _status(artifacts, calculations)
    text = str(final.text)
    if final.additional_kwargs.get(SPOKEN_BY) == "embedded":
        text, model = f"{text}\n\n{say('took_over')}", "embedded"
    return Answer(
        text=text,
        status=status,
        citations=list(_citations(artifacts, calculations, status)),
        calculations=calculations,
        ask_for=list(dict.fromkeys(p for c in calculations for p in c.missing[:3])) if status == "needs_information" else [],
        choices=[Choice(label=label, reply=reply) for label, reply in extra.get("choices", [])],
        suggestions=[s for s in extra.get("suggestions", []) if s != _question(messages)][:3],
        session=session,
        model=model,
        elapsed_ms=round((time.perf_counter() - started) * 1000),
    )


def _question(messages: Sequence[AnyMessage]) -> str:
    return next((str(m.text) for m in reversed(messages) if isinstance(m, HumanMessage)), "")


def _calculations(artifacts: Sequence[dict[str, Any]]) -> Iterator[Calculation]:
    for artifact in artifacts:
        if artifact.get("type") == "calculation":
            yield Calculation.model_validate(artifact)
        elif artifact.get("type") == "screening":
            for group in ("due", "open", "ended"):
                yield from (Calculation.model_validate(row) for row in artifact.get(group, []))


def _status(artifacts: Sequence[dict[str, Any]], calculations: Sequence[Calculation]) -> Status:
    """The status of a reply by a model that states none: what its tools found."""
    if declined := next((a for a in artifacts if a.get("type") == "declined"), None):
        return "refused" if declined["status"] == "refused" else "out_of_scope"
    found = {status_of(calculation) for calculation in calculations}
    for status in ("answered", "needs_information", "expired", "not_eligible"):
        if status in found:
            return status
    return "answered" if artifacts else "needs_information"


def _citations(
    artifacts: Sequence[dict[str, Any]], calculations: Sequence[Calculation], status: Status
) -> Iterator[Citation]:
    """What the answer rests on, each passage once."""
    if status == "out_of_scope":
        return
    if status == "refused":
        # What the plan says instead is told with it; what was merely looked up is not.
        artifacts = [artifact for artifact in artifacts if artifact.get("type") == "standard"]
    plan = load_plan()
    stated: Sequence[Calculation] = calculations
    if any(artifact.get("type") == "screening" for artifact in artifacts):
        # Of what is still open only what comes nearest: nobody reads the sources of seventeen.
        opened = [c for c in calculations if c.in_force and c.verdict == "unknown"]
        stated = [c for c in calculations if c not in opened[NEAR:]]
    found: list[Citation] = [c for calculation in stated for c in calculation.citations]
    for artifact in artifacts:
        if artifact.get("type") == "standard":
            found += [Citation.model_validate(c) for c in artifact["citations"]]
        elif artifact.get("type") == "clauses":
            for hit in artifact["hits"][:1]:
                found += [
                    Citation(document=plan.title, clause=hit["clause"], title=hit["title"], quote=quote)
                    for quote in quoted(hit)
                ]
    yield from dict.fromkeys(found)


def _plain_answer(text: str, status: Status, session: str, started: float) -> Answer:
    elapsed = round((time.perf_counter() - started) * 1000)
    return Answer(text=text, status=status, session=session, model="embedded", elapsed_ms=elapsed, suggestions=[])


def _pieces(text: str) -> Iterator[str]:
    """The text in the small pieces in which a page shows it."""
    yield from (text[i : i + 8] for i in range(0, len(text), 8))


__all__ = ["Assistant", "compose", "say", "unusable"]
