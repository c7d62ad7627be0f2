"""Sentences as they are spoken: how a text is cut into them, and the name of the recording of each."""

from __future__ import annotations

import hashlib
import re

LONGEST = 240
"""Characters of one sentence; what is longer is cut where it can be."""
MOST = 200
"""Sentences of one text; the rest is left out."""

_END = re.compile(
    r"(?<=[。！？；\n])"  # a Chinese sentence ends
    r"|(?<=[!?;]) |(?<=[a-z)][.]) (?=[A-Z])"  # an English one
    r"|(?<=[\uac00-\ud7a3][.?]) (?=\S)"  # a Korean one
    r"|(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])"  # pages put a space between two sayings in Chinese
)
_TRAILING = " \t\n\u3000。，、；：.,;:"


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of `text`, in their normal form: no white space around, no full stop at the end."""
    found: list[str] = []
    for part in _END.split(text):
        said = " ".join(part.split()).strip(_TRAILING)
        while len(said) > LONGEST:
            cut = max(said.rfind(sign, 1, LONGEST) for sign in "，,、 ")
            cut = cut if cut > 0 else LONGEST
            found.append(said[:cut].strip(_TRAILING))
            said = said[cut:].strip(_TRAILING)
        if said:
            found.append(said)
        if len(found) >= MOST:
            break
    return tuple(found[:MOST])


def recording_name(language: str, sentence: str) -> str:
    """The name of a sentence's recording, without folder and ending."""
    return hashlib.sha256(f"{language}\n{sentence}".encode()).hexdigest()[:16]
