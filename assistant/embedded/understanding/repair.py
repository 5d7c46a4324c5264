"""Other ways of writing (``data/rewrites.yaml``), and typing by sound: 稳岗反环 is meant as 稳岗返还."""

import re
from collections.abc import Mapping
from functools import cache

from assistant.embedded.patterns import load_data, regex
from corpus.text import normalise
from tools.catalogue import catalogue

_SHORTEST = 3
_SIMILAR = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))


def repair(text: str) -> str:
    """A text in normal form with other ways of writing rewritten, and names that were mistyped by sound put right."""
    for pattern, meant in _rewrites():
        text = pattern.sub(meant, text)
    return _by_ear(text)


@cache
def _rewrites() -> list[tuple[re.Pattern[str], str]]:
    return [(regex(pattern), meant) for pattern, meant in load_data("rewrites")]


def _by_ear(text: str) -> str:
    if sum("一" <= c <= "鿿" for c in text) < _SHORTEST:
        return text
    names, longest = _by_sound()
    sounds = _sounds(text)
    if len(sounds) != len(text):
        return text
    position = 0
    while position <= len(text) - _SHORTEST:
        for length in range(min(longest, len(text) - position), _SHORTEST - 1, -1):
            meant = names.get(sounds[position : position + length])
            if meant is None:
                continue
            written = text[position : position + length]
            # At least one character right: chance agreement in sound alone is not a typing error.
            if written != meant and any(a == b for a, b in zip(written, meant, strict=True)):
                text = text[:position] + meant + text[position + length :]
            position += length - 1
            break
        position += 1
    return text


@cache
def _by_sound() -> tuple[Mapping[tuple[str, ...], str], int]:
    """Names by their pronunciation; a sound that two names share is left out."""
    words = {normalise(n) for tool in catalogue().values() for n in (tool.title, *tool.benefit.aliases)}
    words |= set(load_data("terms")["terms"].split())
    names: dict[tuple[str, ...], str] = {}
    clashing = set()
    for word in words:
        key = _sounds(word)
        if len(word) < _SHORTEST or len(key) != len(word):
            continue
        if key in names:
            clashing.add(key)
        names[key] = word
    kept = {key: word for key, word in names.items() if key not in clashing}
    return kept, max(map(len, kept))


def _sounds(text: str) -> tuple[str, ...]:
    """One syllable a character, without tones and without the distinctions that Southern speakers drop."""
    from pypinyin import (  # a tenth of a second that a command without questions need not pay
        Style,
        lazy_pinyin,
    )

    syllables = []
    for syllable in lazy_pinyin(text, style=Style.NORMAL, errors=list):  # type: ignore[arg-type]  # one a character
        for precise, loose in _SIMILAR:
            syllable = syllable.replace(precise, loose)
        syllables.append(syllable)
    return tuple(syllables)
