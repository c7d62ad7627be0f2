"""Who is here: consent, the card, the face, or the equal other way."""

from __future__ import annotations

from screens.models import Consent, ConsentSource, Face, FaceChallenge, NumberMatch, Place, PlaceCard
from screens.modes import appearance
from screens.pages.page import page, words
from screens.screen import (
    Action,
    Actions,
    Block,
    Figure,
    Gap,
    Heading,
    Item,
    Items,
    Notice,
    Paragraph,
    Picture,
    PictureKind,
    Preview,
    Row,
    Rows,
    Screen,
    Tone,
)


def consent(place: Place, model: Consent) -> Screen:
    """What will be used and why. Replies: agree (all), some, decline, source (switch), other-person; with `face`:
    agree, other-way, both equally large."""
    if model.face:
        return _face_consent(place, model)
    say = words(place).t
    blocks: list[Block] = []
    if model.known:
        known = Item("other-person", say("consent.known", name=model.known), "person", say("consent.other-person"))
        blocks.append(Items((known,)))
    always = [s for s in model.sources if not s.optional]
    switches = tuple(_switch(place, s) for s in model.sources if s.optional)
    rows = (*(Row(what, why) for what, why in model.purposes), *(Row(s.what, s.why) for s in always))
    blocks.append(Rows(rows))
    if switches:
        blocks += [Heading(say("consent.choose")), Items(switches)]
    blocks.append(Notice(say("consent.promise"), say("consent.promise-detail"), "lock"))
    agree = "consent.agree-all" if switches else "consent.agree"
    buttons = [Action("decline", say("consent.decline"), style="quiet")]
    if switches:
        buttons.append(Action("some", say("consent.some")))
    buttons.append(Action("agree", say(agree), "check", "primary"))
    blocks += [Gap(), Paragraph(say("consent.version", version=model.version), small=True)]
    if switches and appearance(place.mode) == "elder":
        # Three large buttons one under another would leave no room for what is agreed to.
        blocks += [Actions(tuple(buttons[:-1])), Actions((buttons[-1],))]
    else:
        blocks.append(Actions(tuple(buttons)))
    return page(
        place,
        "consent",
        say("consent.title"),
        blocks,
        subtitle=say("consent.subtitle", service=model.service),
        prompt=say("consent.prompt"),
    )


def _switch(place: Place, source: ConsentSource) -> Item:
    """A source with its switch; the word says what the icon shows."""
    say = words(place).t
    state = say("consent.on" if source.on else "consent.off")
    icon = "check_circle" if source.on else "do_not_disturb_on"
    return Item("source", say("consent.switch", what=source.what, state=state), icon, source.why, value=source.key)


def _face_consent(place: Place, model: Consent) -> Screen:
    say = words(place).t
    ways = tuple(Row(say(f"consent.face.{way}"), say(f"consent.face.{way}-why")) for way in ("face", "phone"))
    blocks: tuple[Block, ...] = (
        Rows((model.purposes and tuple(Row(what, why) for what, why in model.purposes)) or ways),
        Notice(say("consent.face.promise"), say("consent.face.promise-detail"), "lock"),
        Gap(),
        Paragraph(say("consent.version", version=model.version), small=True),
        Actions(
            (
                Action("agree", say("consent.face.agree"), "face", "primary"),
                Action("other-way", say("consent.face.other-way"), "fact_check", "primary"),
            )
        ),
    )
    return page(
        place,
        "consent",
        say("consent.face.title"),
        blocks,
        subtitle=say("consent.face.subtitle"),
        prompt=say("consent.face.prompt"),
    )


PICTURES: dict[str, PictureKind] = {
    "waiting": "place-card",
    "reading": "read-card",
    "again": "place-card",
    "lift": "take-card",
}


def place_card(place: Place, model: PlaceCard) -> Screen:
    """Waiting for the card. Replies: no-card, where there are other ways."""
    say = words(place).t
    blocks: list[Block] = []
    if model.trouble:
        blocks.append(Notice(model.trouble, tone="attention", icon="warning"))
    blocks.append(Picture(PICTURES[model.state]))
    blocks.append(Notice(say("place-card.promise"), say("place-card.promise-detail"), "lock"))
    if model.others:
        blocks += [Gap(), Actions((Action("no-card", say("place-card.no-card"), "fact_check"),))]
    return page(
        place,
        "place_card",
        say(f"place-card.{model.state}.title"),
        blocks,
        subtitle=say(f"place-card.{model.state}.subtitle"),
    )


def face(place: Place, model: Face) -> Screen:
    """Looking at the camera. Replies: other-way; again when a retake is offered."""
    say = words(place).t
    guidance = say("face.retake") if model.retake and model.guidance == "look" else say(f"face.{model.guidance}")
    tries = say("face.tries", count=model.tries_left)
    blocks: list[Block] = [
        Preview(guidance, model.tone),
        Notice(say("face.promise"), tries, "lock"),
        Gap(),
        Actions((Action("other-way", say("face.other-way"), "fact_check"),)),
    ]
    return page(place, "face", say("face.title"), blocks, subtitle=say("face.subtitle"), prompt=guidance)


def face_challenge(place: Place, model: FaceChallenge) -> Screen:
    """Something to do before the camera, with a drawing of it. Replies: other-way."""
    say = words(place).t
    asked = say(f"challenge.{model.challenge}")
    caption = say(f"challenge.step.{model.step}") if model.step != "act" else asked
    tones: dict[str, Tone] = {"wrong-way": "attention", "return": "done", "done": "done"}
    tone = tones.get(model.step, "info")
    count = say("challenge.count", at=model.at, of=model.of) if model.of > 1 else say("challenge.why")
    blocks: tuple[Block, ...] = (
        Preview(caption, tone),
        Picture(model.challenge, asked),
        Gap(),
        Actions((Action("other-way", say("face.other-way"), "fact_check"),)),
    )
    return page(place, "face_challenge", say("challenge.title"), blocks, subtitle=count, prompt=caption)


def number_match(place: Place, model: NumberMatch) -> Screen:
    """The equal other way: a number to pick on the phone. Replies: other-way; again when it was refused."""
    say = words(place).t
    blocks: list[Block] = [Figure(model.number, say("number-match.caption"))]
    buttons = [Action("other-way", say("number-match.back"))]
    if model.state == "refused":
        blocks.append(Notice(say("number-match.refused"), say("number-match.refused-detail"), tone="attention"))
        buttons.append(Action("again", say("number-match.again"), "refresh", "primary"))
    else:
        blocks.append(Notice(say("number-match.promise"), say("number-match.promise-detail"), "lock"))
    blocks += [Gap(), Actions(tuple(buttons))]
    return page(
        place,
        "number_match",
        say("number-match.title"),
        blocks,
        subtitle=say("number-match.subtitle"),
        prompt=say("number-match.prompt"),
    )
