"""Answers as WeChat shows them: plain text in messages of limited length."""

import re
from collections.abc import Iterator

from assistant.answer import Answer
from assistant.channels.plain_text import grounds
from assistant.channels.wechat_messages import phrases

LIMIT = 2048
"""Bytes of UTF-8 that one text message may hold."""

_ENDS = ("\n\n", "\n", "。", "！", "？", "；", "!", "?", ";")
_PAUSES = ("，", "、", "：", ",", " ")
_CLOSING = "”’」』）】》\")"


def message_text(answer: Answer, link: str = "") -> str:
    """The words without Markdown, the clauses they rest on, the arithmetic, then what to reply or ask next, and a link.

    ``link`` is the address of the page; empty for none.
    """
    said = phrases()
    parts = [without_markdown(answer.text)]
    if rests_on := grounds(answer):
        parts.append("\n".join(rests_on))
    if answer.choices:
        parts.append(said.choices + "／".join(choice.reply for choice in answer.choices))
    if answer.suggestions:
        parts.append("\n".join([said.suggestions, *(f"· {suggestion}" for suggestion in answer.suggestions)]))
    if link:
        parts.append(said.link.format(url=link))
    return "\n\n".join(parts)


def without_markdown(text: str) -> str:
    """Markdown as plain text: marks dropped, lists and tables kept as lines, addresses behind their words."""
    lines = [_plain_line(line) for line in text.splitlines()]
    joined = "\n".join(line for line in lines if line is not None)
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def _plain_line(line: str) -> str | None:
    stripped = line.strip()
    if re.fullmatch(r"```.*|[-*_=]{3,}|\|?[ :|-]*-{3,}[ :|-]*", stripped):
        return None
    if stripped.startswith("|") and stripped.endswith("|"):
        line = "　".join(cell.strip() for cell in stripped.strip("|").split("|"))
    line = re.sub(r"^\s*(?:#{1,6}\s+|>\s?)", "", line)
    line = re.sub(r"^(\s*)[-*+]\s+", r"\1· ", line)
    line = re.sub(r"!?\[([^\]\n]*)\]\((\S+?)\)", r"\1（\2）", line)
    line = re.sub(r"\*\*(.+?)\*\*|__(.+?)__", lambda m: m[1] or m[2], line).replace("**", "")
    return re.sub(r"`([^`\n]+)`", r"\1", line).rstrip()


def split_message(text: str, limit: int = LIMIT) -> list[str]:
    """The text in pieces of at most ``limit`` bytes of UTF-8, cut at the ends of sentences.

    A sentence longer than a message is cut at a pause, and a phrase longer than that between two characters.
    """
    pieces, piece = [], ""
    for part in _parts(text.strip(), limit):
        if _size((piece + part).rstrip()) > limit:
            pieces.append(piece)
            piece = part
        else:
            piece += part
    return [whole for piece in [*pieces, piece] if (whole := piece.strip())]


def _parts(text: str, room: int) -> Iterator[str]:
    """Sentences, and what has to be cut smaller."""
    for sentence in _cut_after(text, _ENDS):
        if _size(sentence) <= room:
            yield sentence
            continue
        for phrase in _cut_after(sentence, _PAUSES):
            while _size(phrase) > room:
                head = phrase.encode()[:room].decode(errors="ignore")
                yield head
                phrase = phrase[len(head) :]
            yield phrase


def _cut_after(text: str, ends: tuple[str, ...]) -> Iterator[str]:
    pattern = "|".join(re.escape(end) for end in ends)
    yield from (m[0] for m in re.finditer(rf".*?(?:{pattern})[{re.escape(_CLOSING)}]*|.+", text, re.DOTALL))


def _size(text: str) -> int:
    return len(text.encode())
