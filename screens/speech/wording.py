"""What a page says, sentence by sentence: pure functions of the `Screen` and its semantic tree.

| function       | says                                                                              |
|----------------|-----------------------------------------------------------------------------------|
| `spoken`       | the whole page, from top to bottom                                                  |
| `announcement` | what is said when a page appears: its prompt, what is wrong, what is paid, what OK does |
| `news`         | what a page says now that it did not say before                                     |
| `told`         | one thing in focus: name, role, state, position                                     |

Nothing here says a long number aloud (`screens.speech.masking`); with `private` the listener wears a headset.
"""

from __future__ import annotations

from collections.abc import Iterable

from config.spoken import sentences
from screens import screen as s
from screens.focus import typed_keys
from screens.speech.asked import asked, does, how
from screens.speech.block_words import ALARMS, Line, block_lines, row_words
from screens.speech.masking import aloud
from screens.speech.things import Thing, Where, sign_name, things
from screens.text import MASK

MOST_NEWS = 4
"""So many changes of a page are said one by one; when more have changed, its announcement is said."""
TOLD_WHOLE = frozenset({"not_done", "closed", "queued", "help_asked", "still_there", "officer_wait", "bill_none"})
"""Pages that say what went wrong or what somebody waits for: all of it is said at once, with the next step and whom to
call."""


def spoken(screen: s.Screen, *, private: bool = False) -> tuple[str, ...]:
    """The whole page."""
    return tuple(sentence for line in lines(screen, Where(screen.language, private)) for sentence in line)


def lines(screen: s.Screen, where: Where) -> list[tuple[str, ...]]:
    """The whole page, the sentences of one thing together."""
    parts = [_opening(screen), *(line for block in screen.blocks for line in block_lines(block, where))]
    parts += [(action.label,) for action in screen.nav]
    said = (_sentences(part, where) for part in parts)
    return [line for line in said if line]


def announcement(
    screen: s.Screen, *, private: bool = False, can_press: bool = True, digits: bool = True
) -> tuple[str, ...]:
    """What is said when the page appears. `can_press` false: there is nothing on it that could be chosen; `digits`: the
    keypad has digits of its own."""
    where = Where(screen.language, private)
    say = where.words.t
    parts: list[Line] = [_opening(screen)]
    for block in screen.blocks:
        if block is not asked(screen) and (_is_urgent(block) or (screen.page in TOLD_WHOLE and _is_told(block))):
            parts += block_lines(block, where)
    if screen.backdrop:
        return _once([*parts, (say("speech.start"),)] if can_press else parts, where)
    if screen.page in TOLD_WHOLE and any(action.key == "help" for action in screen.nav):
        parts.append((say("speech.help-key"),))
    parts += [_asked(screen, where, digits=digits), does(screen, where)]
    parts.append((say("speech.press-down" if can_press else "speech.nothing"),))
    return _once(parts, where)


def what_ok_does(screen: s.Screen, *, private: bool = False) -> tuple[str, ...]:
    """What OK does while nothing is in focus; nothing where it does nothing."""
    where = Where(screen.language, private)
    return _sentences(does(screen, where), where)


def reminder(screen: s.Screen) -> tuple[str, ...]:
    """What is said also to those who have not switched the voice on: nothing but the prompt."""
    where = Where(screen.language, private=False)
    return _once([_opening(screen)], where)


def news(before: s.Screen, now: s.Screen, *, private: bool = False, digits: bool = True) -> tuple[str, ...]:
    """What the same page says now and did not say before; its countdown is no news. What is to be filled in next, and
    what OK does now, come last."""
    where = Where(now.language, private)
    if before.prompt != now.prompt:
        known = set(lines(before, where))
        if sum(line not in known for line in lines(now, where)) > MOST_NEWS:
            return announcement(now, private=private, digits=digits)
    following, turn = does(now, where), _turn(before) != _turn(now)
    known = {*lines(before, where), _sentences(following, where)[1:]}
    fresh = [line for line in lines(now, where) if line not in known][:MOST_NEWS]
    if turn:
        mine = _sentences(_asked(now, where, digits=digits), where)
        fresh = [line for line in fresh if not set(line) <= set(mine)] + [mine]
    elif (told := how(now, where, digits=digits)) != how(before, where, digits=digits):
        fresh.append(_sentences(told, where))
    if before.curtain != now.curtain:
        fresh.insert(0, _sentences((where.words.t("speech.covered" if now.curtain else "speech.seen"),), where))
    if following and (turn or following != does(before, where)):
        fresh.append(_sentences(following, where))
    return _without_echo(fresh)


def _turn(screen: s.Screen) -> str:
    block = asked(screen)
    return block.key if block is not None else ""


def _asked(screen: s.Screen, where: Where, *, digits: bool) -> Line:
    """What is to be filled in now, what is wrong with it, and how it is done."""
    block = asked(screen)
    if block is None:
        return ()
    said = tuple(part for line in block_lines(block, where) for part in line)
    return (where.words.t("speech.now"), *said, *how(screen, where, digits=digits))


def told(
    screen: s.Screen, node: s.Node, at: int = 0, of: int = 0, *, private: bool = False, digits: bool = True
) -> tuple[str, ...]:
    """One thing in focus. `at` and `of` are its position; `digits`: the keypad has digits of its own."""
    where = Where(screen.language, private)
    say = where.words.t
    if not node.key:
        return _sentences(_words_only(screen, node, where), where)
    if typed_keys(node) and not private:
        return (say("speech.digit-key"),) if not digits else ()
    thing = things(screen, where).get((node.key, node.value))
    if thing is None:
        thing = Thing((sign_name(node.name, where),), node.role)
    parts = [*thing.names]
    if node.role != "key":
        parts.append(say(f"speech.role.{thing.role}"))
    if thing.chosen is not None:
        parts.append(say("speech.chosen" if thing.chosen else "speech.not-chosen"))
    parts += thing.state
    if not node.enabled:
        parts.append(say("speech.disabled"))
    if of > 1:
        parts.append(say("speech.at", at=at, of=of))
    return _sentences(parts, where)


def _sentences(parts: Iterable[str], where: Where) -> tuple[str, ...]:
    """The sentences of one line, masked, none of them twice."""
    found: dict[str, None] = {}
    for part in parts:
        for sentence in sentences(aloud(part, where.language, private=where.private)):
            found.setdefault(sentence)
    return tuple(found)


def _once(parts: Iterable[Line], where: Where) -> tuple[str, ...]:
    """The sentences of `parts` in their order; a line that was said already, alone or within others, is left out."""
    first, *others = (line for part in parts if (line := _sentences(part, where)))
    return _without_echo([first, *(tuple(said for said in line if said not in first) for line in others)])


def _without_echo(said: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    found: list[str] = []
    for line in said:
        if not set(line) <= set(found):
            found += line
    return tuple(found)


def _opening(screen: s.Screen) -> tuple[str, ...]:
    """The prompt; where it begins with the title, the title is a sentence of its own."""
    title, prompt = screen.title, screen.prompt or screen.title
    if len(prompt) > len(title) and prompt.startswith(title):
        return title, prompt.removeprefix(title).lstrip("。.,，:： ")
    return (prompt,)


def _is_told(block: s.Block) -> bool:
    """Whether it only says something: nothing to press, to fill in or to turn."""
    return isinstance(block, s.Notice | s.Rows | s.Paragraph | s.Qr)


def _is_urgent(block: s.Block) -> bool:
    match block:
        case s.Notice(tone=tone):
            return tone in ALARMS
        case s.Field(error=error, focused=focused) | s.Choice(error=error, focused=focused):
            return bool(error) or focused
        case s.Result() | s.Money() | s.Figure() | s.Progress() | s.Picture() | s.Preview():
            return True
    return False


def _words_only(screen: s.Screen, node: s.Node, where: Where) -> Iterable[str]:
    """A thing that is only read: as it stands, its private part as the listener may hear it."""
    if node.role == "row":
        for block in screen.blocks:
            if isinstance(block, s.Rows):
                for row in block.rows:
                    hidden = f"{row.label} {'' if row.private else row.value} {row.source}".strip()
                    if hidden == node.name:
                        return row_words(row, where)
            elif isinstance(block, s.Table) and block.private and node.name == MASK:
                return [part for line in block_lines(block, where) for part in line]
    for block in screen.blocks:
        if isinstance(block, s.Notice | s.Result) and f"{block.text} {block.detail}".strip() == node.name:
            return [block.text, block.detail]
        if isinstance(block, s.Heading) and f"{block.text} {block.note}".strip() == node.name:
            return [block.text, block.note]
    if node.role == "heading" and node.name == f"{screen.title} {screen.subtitle}".strip():
        return [screen.title, screen.subtitle]
    return [node.name]
