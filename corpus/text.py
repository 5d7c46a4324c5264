"""One normal form for text that is searched or understood: 繁體Ａ１ and 繁体a1 are the same."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

_IGNORED = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffd]+")
_SPACES = re.compile(r" {2,}")


def normalise(text: str) -> str:
    """NFKC (full-width to ASCII), Traditional to Simplified Chinese, lower case, no control characters.

    Runs of white space and control characters become one space; the ends are stripped. Punctuation that NFKC
    folds becomes ASCII too (，is a comma afterwards), hence the result is for matching and never shown.

    >>> normalise("穩崗返還　１２萬！")
    '稳岗返还 12万!'
    """
    folded = unicodedata.normalize("NFKC", _IGNORED.sub("", text))
    folded = _SPACES.sub(" ", _CONTROL.sub(" ", folded)).strip()
    return to_simplified(folded).lower()


@lru_cache(maxsize=4096)
def to_simplified(text: str) -> str:
    """Traditional characters as Simplified ones, phrase by phrase (乾淨 → 干净); the rest unchanged."""
    if text.isascii():
        return text
    return _converter()(text)


@cache
def _converter() -> Callable[[str], str]:
    from opencc import OpenCC  # type: ignore[import-untyped]  # its tables take milliseconds ASCII need not pay

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert
