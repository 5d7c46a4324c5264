"""What must not be kept of a person: their numbers are masked, their account is known by a keyed hash."""

import hashlib
import hmac
import os
import re
import secrets
from datetime import date
from pathlib import Path

PHONE = "〔手机号〕"
IDENTITY = "〔证件号〕"
NUMBER = "〔号码〕"

_DIGITS = str.maketrans("０１２３４５６７８９Ｘｘ＋－", "0123456789XX+-")
_GAP = r"[ \t\u3000·.—–-]{0,2}"
# Sums of money are what people come with: eleven digits before such a word are no telephone.
_NO_SUM = rf"(?!\d|\.\d|{_GAP}(?:元|块|圆|万|亿|人民币))"
_PHONE = re.compile(rf"(?<!\d)(?<!\d\.)(?<![￥¥$])(?:(?:\+|00)?86{_GAP})?1[3-9]\d(?:{_GAP}\d){{8}}{_NO_SUM}")
# No sum of the policy has so many digits; a card, an account or two numbers run together do.
_LONG = re.compile(rf"(?<![\d￥¥$])\d{{15,}}{_NO_SUM}")
_IDENTITY = re.compile(
    rf"(?<!\d)[1-9](?:{_GAP}\d){{5}}(?P<born>(?:{_GAP}\d){{6,8}})(?:{_GAP}\d){{3}}(?:{_GAP}[\dXx])?(?![\dXx])"
)
_SPOKEN = "零〇一二三四五六七八九幺"
# A number as it is read out, and as speech recognition writes it down.
_SPOKEN_PHONE = re.compile(rf"(?<![{_SPOKEN}])[一幺][三四五六七八九][{_SPOKEN}]{{9}}(?![{_SPOKEN}十百千万亿])")
_SPOKEN_IDENTITY = re.compile(rf"(?<![{_SPOKEN}])[{_SPOKEN}]{{17}}[{_SPOKEN}XxＸｘ](?![{_SPOKEN}])")
# The word before a number says no more than its mask, and would draw attention from the question.
_LABEL = re.compile(
    r"(?:我的|本人的?)?(?:居民)?(?:身份证|证件|手机|联系电话|电话|联系方式|银行卡|卡)(?:号码|号)?(?:是|为|[:：])?[ \t\u3000]*$"
)


def masked(text: str) -> str:
    """The text with mobile, identity-card and card numbers replaced, with their labels, by what stood there.

    Full-width digits, gaps and hyphens, +86 and numbers read out in Chinese are recognised; amounts of money are not
    touched. Mistyped identity numbers (a wrong check digit) are masked too: they still point at a person.
    """
    plain = text.translate(_DIGITS)  # the same length, so places found here are places in the text
    spans = [(m.start(), m.end(), IDENTITY) for m in _IDENTITY.finditer(plain) if _is_identity(m)]
    spans += [(m.start(), m.end(), IDENTITY) for m in _SPOKEN_IDENTITY.finditer(plain)]
    spans += [(m.start(), m.end(), PHONE) for m in (*_PHONE.finditer(plain), *_SPOKEN_PHONE.finditer(plain))]
    spans += [(m.start(), m.end(), NUMBER) for m in _LONG.finditer(plain)]
    kept, at = [], 0
    for start, end, name in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= at:
            kept += [_LABEL.sub("", text[at:start]), name]
            at = end
    return "".join([*kept, text[at:]])


def _is_identity(found: re.Match[str]) -> bool:
    """18 characters with a date of birth, or the 15 of the first generation."""
    characters = re.sub(r"[^\dXx]", "", found[0])
    if len(characters) == 18:
        return _is_day(characters[6:14])
    return len(characters) == 15 and characters.isdigit() and _is_day("19" + characters[6:12])


def _is_day(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


class Pseudonyms:
    """Names for accounts that lead back to nobody without the secret kept in the data folder."""

    def __init__(self, data_dir: Path) -> None:
        self._secret = _secret_in(data_dir)

    def of(self, *parts: str) -> str:
        """32 hexadecimal digits (128 bits of HMAC-SHA256), the same in every process that shares the folder."""
        message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in parts)
        return hmac.new(self._secret, message, hashlib.sha256).hexdigest()[:32]


def _secret_in(data_dir: Path) -> bytes:
    """The secret of this installation, made once. Raises OSError when the folder cannot be written."""
    path = data_dir / "pseudonym.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Written whole under another name and linked: of two processes that start at once, one wins.
        draft = data_dir / f"pseudonym.{os.getpid()}.{secrets.token_hex(4)}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_bytes()
