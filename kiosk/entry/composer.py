"""One text field that is being typed in pinyin: keys in, candidates out, characters committed.

    from kiosk.entry import Composer, Learned, prepare
    await asyncio.to_thread(prepare)                   once, after the first paint; else the first key takes 0.6 s
    learned = Learned()                                one for a visit, shared by its fields; `wipe()` at the end
    field = Composer("name", learned=learned)          "text", "name" or "address"; text="..." for a prefilled field
    field.key("q"), field.key("u")                     one key a call, "a" to "z"; "'" parts syllables (xi'an)
    field.pending                                      "qu": what is typed and not chosen, as syllables
    field.candidates(0)                                up to nine; page 1, 2, ... until the answer is empty
    field.choose(0)                                    counted from 0 over ALL pages: page * 9 + place on the page
    field.text                                         what is committed; `pending` is not part of it
    field.put("12")                                    digits, signs and handwriting from other keys
    field.jamo("ㅎ"), field.erase_jamo()               a Korean keyboard, letter by letter (`kiosk.entry.hangul`)
    field.backspace(), field.clear(), field.wipe()

A candidate may stand for a part of what is pending (the first word, the first character): the rest stays pending and
has candidates of its own. No call raises for what a finger can do: what cannot be done returns False and changes
nothing. Everything lives in memory; nothing is logged, `repr` shows no text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import Literal, get_args

from kiosk.entry import hangul
from kiosk.entry.learned import Learned
from kiosk.entry.lexicon import Lexicon, lexicon
from kiosk.entry.lookup import Choices, Match, look_up
from kiosk.entry.syllables import spoken

Mode = Literal["text", "name", "address"]
"""What the field asks for. "name": surname first, then given names. "address": roads and house words first."""

PAGE = 9
MAX_PENDING = 60
"""Letters that can be pending; further keys return False."""
LIMIT = 200
"""Characters of `text`, unless the field says fewer."""
_KEYS = frozenset("abcdefghijklmnopqrstuvwxyz'")


@dataclass(frozen=True, slots=True)
class Candidate:
    """What can be chosen: its characters, and how many of the pending letters it stands for."""

    text: str = field(repr=False)
    letters: int


class Composer:
    """One field. `limit` caps `text` (characters are code points); `text` begins as what the field already has.

    `learned` is what this visit has chosen so far (a fresh one when left out). `words` is for tests.
    Raises `ValueError` for a mode that is none, a limit outside 1 to 200, or a prefilled text beyond it.
    """

    def __init__(
        self,
        mode: Mode = "text",
        *,
        text: str = "",
        limit: int = LIMIT,
        learned: Learned | None = None,
        words: Lexicon | None = None,
    ) -> None:
        if mode not in get_args(Mode):
            raise ValueError(f"composer: a mode of {str(mode)[:20]!r}; known are {', '.join(get_args(Mode))}")
        if not 1 <= limit <= LIMIT:
            raise ValueError(f"composer: a limit of {limit} characters; 1 to {LIMIT}")
        if len(text) > limit:
            raise ValueError(f"composer: a prefilled text of {len(text)} characters; the field takes {limit}")
        self.mode = mode
        self.limit = limit
        self.learned = learned if learned is not None else Learned()
        self._words = words
        self._text = text
        self._letters = ""
        self._choices: Choices | None = None
        self._composing: list[Match] = []
        self._begun = not text

    def __repr__(self) -> str:
        return f"Composer({self.mode!r}, {len(self._text)} characters, {len(self._letters)} letters pending)"

    @property
    def text(self) -> str:
        """What is committed: at most `limit` code points; of control characters only new lines."""
        return self._text

    @property
    def pending(self) -> str:
        """What is typed and not chosen, as syllables with apostrophes: "gong'ji'j". "" when nothing is."""
        return spoken(self._letters) if self._letters else ""

    def key(self, letter: str) -> bool:
        """One key, "a" to "z" (capitals count as small) or "'". False when it is none or `MAX_PENDING` are pending."""
        letter = letter.lower()
        if letter not in _KEYS or len(self._letters) >= MAX_PENDING:
            return False
        if letter == "'" and (not self._letters or self._letters.endswith("'")):
            return False
        self._letters += letter
        self._choices = None
        return True

    def backspace(self) -> bool:
        """Take back the last pending letter, else the last character of `text`. False when there is neither."""
        if self._letters:
            self._letters = self._letters[:-1].removesuffix("'")
        elif self._text:
            self._text = self._text[:-1]
            self._begun = not self._text
        else:
            return False
        self._composing.clear()
        self._choices = None
        return True

    def candidates(self, page: int = 0) -> tuple[Candidate, ...]:
        """The nine of a page, best first; fewer on the last page, () beyond it and when nothing is pending."""
        if page < 0 or not self._letters:
            return ()
        found = self._found().slice(page * PAGE, (page + 1) * PAGE)
        return tuple(Candidate(match.text, match.letters) for match in found)

    @property
    def pages(self) -> int:
        """How many pages of candidates there are now."""
        return -(-len(self._found()) // PAGE) if self._letters else 0

    def choose(self, index: int) -> bool:
        """Commit the candidate `index`, counted from 0 over all pages. False when there is none, or no room for it."""
        if index < 0 or not self._letters:
            return False
        found = self._found().slice(index, index + 1)
        if not found or len(self._text) + len(found[0].text) > self.limit:
            return False
        match = found[0]
        self._text += match.text
        self._letters = self._letters[match.letters :].lstrip("'")
        self._begun = False
        self._composing.append(match)
        self._choices = None
        if not self._letters:
            self.learned.chosen(self._composing)
            self._composing.clear()
        return True

    def put(self, text: str) -> bool:
        """Commit `text` from other keys (digits, signs, handwriting), after the first candidate of what is pending.

        False, and nothing is changed, when it does not fit or holds a control character.
        """
        if not text or any(unicodedata.category(c) in {"Cc", "Cs"} and c != "\n" for c in text):
            return False
        before, learned = (self._text, self._letters, self._begun, list(self._composing)), self.learned.mark()
        while self._letters:
            if not self.choose(0):
                break
        if self._letters or len(self._text) + len(text) > self.limit:
            self._text, self._letters, self._begun, self._composing = before
            self.learned.back_to(learned)
            self._choices = None
            return False
        self._text += text
        self._begun = False
        return True

    def jamo(self, key: str) -> bool:
        """One key of a Korean keyboard: the syllable before goes on, or a new one begins. False when it has no room."""
        text = hangul.joined(self._text, key)
        if key not in hangul.KEYS or self._letters or len(text) > self.limit:
            return False
        self._text, self._begun = text, False
        return True

    def erase_jamo(self) -> bool:
        """Take back the last key of a Korean keyboard; a character of another script goes whole. False for none."""
        if self._letters or not self._text:
            return self.backspace()
        self._text = hangul.erased(self._text)
        self._begun = not self._text
        return True

    def clear(self) -> None:
        """Empty the field: text and pending letters. What the visit has learned stays."""
        self._text = self._letters = ""
        self._begun = True
        self._composing.clear()
        self._choices = None

    def wipe(self) -> None:
        """Empty the field and forget what the visit has learned."""
        self.clear()
        self.learned.wipe()

    def _found(self) -> Choices:
        if self._choices is None:
            words = self._words or lexicon()
            self._choices = look_up(words, self.learned, self._letters, self.mode, first=self._begun)
        return self._choices
