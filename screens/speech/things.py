"""Everything on a page that can be pressed, by its reply: what it is called, what it is, how it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from config.speech_spelling import word_with
from config.texts import Texts, texts
from screens import screen as s
from screens.speech.masking import aloud, count

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Where:
    """Who listens: in which language, and whether alone."""

    language: s.Language
    private: bool = False

    @property
    def words(self) -> Texts:
        """The words of the language."""
        return texts(self.language)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing to press: sentences of its name, its role, further sentences; `chosen` None: it is not to be chosen."""

    names: tuple[str, ...]
    role: str = "button"
    state: tuple[str, ...] = ()
    chosen: bool | None = None


def things(screen: s.Screen, where: Where) -> dict[Key, Thing]:
    """Reply (key, value) -> the thing."""
    found: dict[Key, Thing] = {}
    for block in screen.blocks:
        for key, thing in _things(block, where):
            found.setdefault(key, thing)
    for action in (*screen.nav, *screen.modes):
        found.setdefault((action.key, action.value), _action(action))
    return found


TICK = "check_circle"
SPELLED = 3
"""Words up to so many characters are spelled; longer ones are told apart by themselves."""
SIGNS = {
    **dict.fromkeys("，,", "comma"),
    **dict.fromkeys("：:", "colon"),
    **dict.fromkeys("（(", "open"),
    **dict.fromkeys("）)", "close"),
    "。": "stop",
    "、": "pause",
    "“": "open-quote",
    "”": "close-quote",
    "-": "hyphen",
    "_": "underscore",
    "/": "slash",
    ".": "point",
    "@": "at",
    "#": "hash",
    "&": "and",
    "+": "plus",
    "·": "dot",
    "%": "percent",
    "'": "apostrophe",
}
"""Signs on keyboards -> what they are called (`speech.sign.*`)."""


def sign_name(name: str, where: Where) -> str:
    """The name of a key as it is spoken."""
    return where.words.t(f"speech.sign.{SIGNS[name]}") if name in SIGNS else name


def _action(action: s.Action) -> Thing:
    return Thing(_some(action.label, action.note))


def _some(*parts: str) -> tuple[str, ...]:
    return tuple(part for part in parts if part)


def _things(block: s.Block, where: Where) -> Iterator[tuple[Key, Thing]]:
    match block:
        case s.Actions(actions):
            yield from (((a.key, a.value), _action(a)) for a in actions)
        case s.Keypad(next=following) | s.PinPad(next=following):
            if following is not None:
                yield (following.key, following.value), _action(following)
        case s.Tiles(tiles):
            for tile in tiles:
                names = _some(tile.label, tile.badge, tile.note)
                yield (tile.key, tile.value), Thing(names, "tile", chosen=_ticked(tile.icon) if tile.key else None)
        case s.Items(items):
            for item in items:
                names = _some(item.label, item.amount, item.note, item.reason)
                yield (item.key, item.value), Thing(names, "item", chosen=_ticked(item.icon))
        case s.Checks(lines):
            for line in lines:
                yield ("section", line.id), Thing(_some(line.name, line.word, line.sentence, line.remedy), "item")
                if line.test:
                    yield ("test", line.id), Thing((line.test, line.name))
        case s.Field():
            yield ("focus", block.key), _field(block, where)
        case s.Choice():
            for option in block.options:
                names = _some(block.label, option.label, option.note)
                yield (
                    (f"choose:{block.key}", option.key),
                    Thing(names, "option", chosen=option.key == block.selected),
                )
        case s.Candidates():
            for at, word in enumerate(block.words):
                yield ("candidate", str(at)), Thing((word,), "option", spelled(word, where))
        case s.Rating():
            for level, label in zip(range(5, 0, -1), block.labels, strict=True):
                yield ("rate", str(level)), Thing((label,), "option", chosen=block.chosen == level)
        case _:
            pass


def _ticked(icon: str) -> bool | None:
    """A tick is how lists and tiles show what was chosen."""
    return True if icon == TICK else None


def spelled(word: str, where: Where) -> tuple[str, ...]:
    """How a listener tells the characters of a short word apart from those that sound alike."""
    if len(word) > SPELLED:
        return ()
    found = ((character, word_with(character)) for character in word)
    return tuple(where.words.t("speech.spelled", word=w, character=c) for c, w in found if w and w != word)


def _field(block: s.Field, where: Where) -> Thing:
    """A field. On the loudspeaker digits are counted, never said."""
    say = where.words.t
    hints = _some(block.hint, block.error, say("form.optional") if block.optional else "")
    if not block.value:
        return Thing((block.label,), "textbox", (say("speech.empty"), *_some(block.placeholder), *hints))
    if where.private:
        return Thing((block.label,), "textbox", (aloud(block.value, where.language, private=True), *hints))
    typed = sum(not c.isspace() for c in block.value) if count(block.value) else 0
    value = say("speech.typed", count=typed) if typed else block.value
    return Thing((block.label,), "textbox", (value, *hints))
