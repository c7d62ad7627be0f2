"""What was typed, made comparable: one width, one case, simplified characters, runs of one script."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from config import DATA

MAX_CHARS = 120
"""What is longer is cut: the first 120 characters of a sentence say what it is about."""
_RUNS = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+|[a-z]+(?:[ '’]+[a-z]+)*|[\uac00-\ud7a3]+|[0-9]+")


@cache
def simplified() -> dict[int, str]:
    """Traditional characters to simplified ones, for `str.translate`."""
    lines = (DATA / "finding" / "traditional.txt").read_text(encoding="utf-8").splitlines()
    return {ord(line[0]): line[2] for line in lines if not line.startswith("#")}


def normal(text: str) -> str:
    """`text` in one width and case, simplified, at most `MAX_CHARS`, without control characters."""
    folded = unicodedata.normalize("NFKC", text[: MAX_CHARS * 2]).lower().translate(simplified())
    return "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in folded)[:MAX_CHARS].strip()


def runs(text: str) -> list[tuple[str, str]]:
    """The parts of a normal text with their script: han, latin, hangul, digits. Punctuation parts them."""
    return [(_script(part), part) for part in _RUNS.findall(text)]


def _script(part: str) -> str:
    first = part[0]
    if first.isdigit():
        return "digits"
    if "a" <= first <= "z":
        return "latin"
    return "hangul" if "\uac00" <= first <= "\ud7a3" else "han"
