"""Taking an ID photo: what it has to be, the live picture with what is to be mended, the photo to agree to."""

from __future__ import annotations

from screens.models import PhotoGuide, PhotoTaking, Place
from screens.pages.page import page, words
from screens.screen import Action, Actions, Block, Gap, Notice, Picture, Preview, Row, Rows, Screen


def photo_guide(place: Place, model: PhotoGuide) -> Screen:
    """What the photo has to be. Replies: take, elsewhere."""
    say = words(place).t
    size = say("photo.size", width=f"{model.width_mm:g}", height=f"{model.height_mm:g}")
    rows = tuple(Row(say(f"photo.guide.{key}"), say(f"photo.guide.{key}-how")) for key in ("head", "face", "clothes"))
    blocks: tuple[Block, ...] = (
        Picture("look-at-camera"),
        Rows(rows),
        Notice(say("photo.promise"), say("photo.promise-detail"), "lock"),
        Gap(),
        Actions(
            (
                Action("elsewhere", say("photo.elsewhere")),
                Action("take", say("photo.take"), "photo_camera", "primary"),
            )
        ),
    )
    title = say("photo.guide.title", document=model.document)
    return page(place, "photo_guide", title, blocks, subtitle=size)


def photo(place: Place, model: PhotoTaking) -> Screen:
    """The live picture; it is taken by itself when everything is right. Replies: elsewhere."""
    say = words(place).t
    guidance = say(f"photo.fault.{model.guidance}")
    blocks: tuple[Block, ...] = (
        Preview(guidance, model.tone),
        Notice(say("photo.by-itself"), say("photo.promise-detail"), "photo_camera"),
        Gap(),
        Actions((Action("elsewhere", say("photo.elsewhere")),)),
    )
    title = say("photo.title", document=model.document)
    return page(place, "photo", title, blocks, subtitle=say("photo.subtitle"), prompt=guidance)


def photo_review(place: Place, model: PhotoTaking) -> Screen:
    """The finished photo. Replies: accept, again."""
    say = words(place).t
    blocks: tuple[Block, ...] = (
        Preview(say("photo.review.good"), "done", "photo"),
        Notice(say("photo.promise"), say("photo.promise-detail"), "lock"),
        Gap(),
        Actions(
            (
                Action("again", say("photo.review.again"), "refresh"),
                Action("accept", say("photo.review.accept"), "check", "primary"),
            )
        ),
    )
    title = say("photo.review.title", document=model.document)
    return page(place, "photo_review", title, blocks, subtitle=say("photo.review.subtitle"))
