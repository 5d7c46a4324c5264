"""The word lists of ``data/`` and how they become patterns; the named pieces that patterns share."""

import re
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

NUMERAL = r"\d一二两三四五六七八九十"
"""The inside of a character class: what a small number is written with."""
_PIECE = re.compile(r"\{([a-z_]+)\}")


@cache
def load_data(name: str) -> Any:
    """A YAML file of ``assistant/embedded/data``."""
    text = files("assistant.embedded").joinpath(f"data/{name}.yaml").read_text("utf-8")
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def regex(text: str) -> re.Pattern[str]:
    """A pattern in which ``{name}`` stands for a piece of ``data/pieces.yaml``. Raises KeyError for an unknown one."""
    return re.compile(expanded(text))


def expanded(text: str) -> str:
    """A text with the pieces that it names filled in; a piece may name others."""
    while _PIECE.search(text):
        text = _PIECE.sub(lambda m: _pieces()[m[1]], text)
    return text


@cache
def _pieces() -> dict[str, str]:
    lists = {name: words.split() for name, words in load_data("pieces").items()}
    return {"numeral": NUMERAL} | {name: words[0] if len(words) == 1 else f"(?:{'|'.join(words)})" for name, words in lists.items()}


def alternation(words: str | Iterable[str]) -> re.Pattern[str]:
    """One pattern for a list of patterns separated by spaces."""
    each = words.split() if isinstance(words, str) else words
    return regex("|".join(f"(?:{word})" for word in each))
