"""What the page's scripts call. All of it takes plain values and gives JSON; what cannot be used is answered in words."""

import json
import secrets
from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

from assistant.channels.web_calc import calculate_scenarios, tool_form
from assistant.channels.web_chat import MENDABLE, converse
from assistant.channels.web_check import check_html
from assistant.channels.web_clauses import clause_page, found_html
from assistant.channels.web_html import Html, el, join, texts
from assistant.channels.web_turns import Turns
from assistant.service import Assistant
from tools.catalogue import UnknownTool
from tools.facts import FactError

_SCENARIOS = 2
_NAME = 64
"""The longest name of a session or a turn."""
Json = dict[str, Any]


class Functions:
    """The functions behind the page, for one assistant. Safe to share between threads."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._turns = Turns(assistant.settings.data_dir, assistant.settings.keep_days)

    async def ask(self, session: str, turn: str, question: str, as_of: str) -> AsyncIterator[dict]:  # type: ignore[type-arg]  # Gradio reads it
        """Answer one message of a conversation; the same turn sent again gets the same answer."""
        names = session[:_NAME] or secrets.token_hex(16), turn[:_NAME] or secrets.token_hex(16)
        async for update in converse(self._assistant, self._turns, *names, question, as_of):
            yield update

    def form(self, tool: str, scenarios: str) -> dict:  # type: ignore[type-arg]
        """The form of a calculator with facts filled in (a JSON array of them); no HTML when there is no such one."""
        try:
            return {"html": tool_form(tool, _scenarios(scenarios))}
        except FactError as error:
            return {"html": join(_problem(error), tool_form(tool))}
        except UnknownTool:
            return {"html": ""}

    def calculate(self, tool: str, scenarios: str, as_of: str) -> dict:  # type: ignore[type-arg]
        """The result of one or two situations (a JSON array of facts)."""
        try:
            return calculate_scenarios(tool, _scenarios(scenarios) or [{}], _day(as_of))
        except (FactError, UnknownTool) as error:
            return {"results": [_problem(error)] * _SCENARIOS, "brief": ["", ""], "missing": [[], []], "difference": ""}

    def check(self, facts: str, subject: str, as_of: str) -> str:
        """The screening (政策体检) of a company (企业) or a person (个人)."""
        try:
            return check_html(_facts(_parsed(facts)), "个人" if subject == "个人" else "企业", _day(as_of))
        except FactError as error:
            return _problem(error)

    def search(self, question: str) -> str:
        """The clauses nearest to a question."""
        try:
            return found_html(self._assistant.retriever, question[: self._assistant.settings.max_question_length])
        except MENDABLE as error:
            return _problem(texts()["broken"].format(reason=error))

    def clause(self, number: float, quotes: str) -> str:
        """One clause with the quoted words marked (a JSON array of them)."""
        try:
            found = _parsed(quotes or "[]")
            return clause_page(int(number), [str(quote) for quote in found] if isinstance(found, list) else [])
        except (FactError, LookupError, OverflowError, ValueError) as error:
            return _problem(error)

    def forget(self, session: str) -> bool:
        """Delete a conversation here as well, as its owner deletes it in the browser."""
        self._assistant.forget(session[:_NAME])
        self._turns.forget(session[:_NAME])
        return True

    def rate(self, session: str, turn: str, good: bool, word: str) -> bool:
        """Note whether an answer helped."""
        self._turns.rate(f"{session[:_NAME]}/{turn[:_NAME]}", good, word)
        return True


def _problem(error: object) -> Html:
    return el("p", str(error), class_="problem", role="alert")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise FactError(texts()["calc"]["bad_link"]) from None


def _facts(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FactError(texts()["calc"]["bad_link"])
    return value


def _scenarios(text: str) -> list[Mapping[str, Any]]:
    """At most two fact sets, as a link or the page's form carries them. Raises FactError."""
    found = _parsed(text or "[]")
    if not isinstance(found, list):
        raise FactError(texts()["calc"]["bad_link"])
    return [_facts(facts) for facts in found[:_SCENARIOS]]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise FactError(texts()["bad_day"].format(day=text)) from None
