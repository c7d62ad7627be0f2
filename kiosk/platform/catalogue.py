"""The catalogue as the platform publishes it, and the reference data beside it. Errors as in `Platform`.

What is read here is not yet trusted: the manifest is signed and holds the hash of the whole; `kiosk.catalogue.sync`
checks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from config.calendar import Year, year_of
from config.catalogue_content import MAX_ITEMS
from kiosk.platform.errors import BadReply
from kiosk.platform.messages import Bilingual
from kiosk.platform.paying import Get, Post
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify_signed

PAGE: Final = 100
MOST_CHOICES: Final = 2000
MOST_DIVISIONS: Final = 1000
MAX_SENTENCE: Final = 200
_VERSION = re.compile(r"[0-9a-f]{12}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)
_KEY = re.compile(r"WH-[A-Z]{2}-[0-9]{3}@[0-9]{1,5}", re.ASCII)
_CURSOR = re.compile(r"[A-Za-z0-9@._+-]{1,60}", re.ASCII)
_CHOICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,39}", re.ASCII)
_DIVISION = re.compile(r"[0-9]{6}([0-9]{3})?", re.ASCII)
_SERVICE = re.compile(r"WH-[A-Z]{2}-[0-9]{3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One version: its hash, since when it is in force, which one comes next (0: none); `signed` is what was sent."""

    version: str
    hash: str
    sequence: int
    effective: datetime
    upcoming: int
    count: int
    fields: tuple[Mapping[str, Any], ...]
    signed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Delta:
    """What changed: items by key, None for one that is gone; `complete`: this is everything there is."""

    complete: bool
    changes: tuple[tuple[str, Mapping[str, Any] | None], ...]
    resume: str


@dataclass(frozen=True, slots=True)
class PlatformChoice:
    """One choice of a form field whose choices the platform gives."""

    key: str
    label: Bilingual


@dataclass(frozen=True, slots=True)
class Suggested:
    """An item that the platform's search names; `confidence` 0 to 1."""

    id: str
    confidence: float


@dataclass(frozen=True, slots=True)
class PlatformDivision:
    """One division as the platform lists it."""

    code: str
    name: str
    name_en: str
    parent: str
    level: int


class CatalogueFeed:
    """Calls of `Platform` that concern the catalogue."""

    def __init__(self, get: Get, post: Post, public_key: str) -> None:
        self._get = get
        self._post = post
        self._public_key = public_key

    async def manifest(self, sequence: int = 0) -> Manifest:
        """The version in force, or that with this sequence; its signature is checked. Raises `BadSignature`."""
        reply = await self._get("/catalogue/manifest" + (f"?sequence={sequence}" if sequence else ""))
        return read_manifest(reply, self._public_key)

    async def delta(self, since: str, until: int) -> Delta:
        """All pages of what changed after version `since` ("": from nothing) up to sequence `until`."""
        found: list[tuple[str, Mapping[str, Any] | None]] = []
        asked = f"/catalogue/items?limit={PAGE}&until={until}" + (f"&since={quote(since)}" if since else "")
        page, cursor = await self._page(asked, "CatalogueChanges")
        complete, resume = page.flag("complete"), page.text("resume_token", 12, _VERSION)
        while True:
            found += [_change(m) for m in page.objects("items", PAGE)]
            if len(found) > MAX_ITEMS:
                raise BadReply(f"CatalogueChanges.items: more than {MAX_ITEMS} in all")
            if not cursor:
                return Delta(complete, tuple(found), resume)
            before = cursor
            page, cursor = await self._page(f"{asked}&cursor={quote(cursor)}", "CatalogueChanges")
            if cursor == before:
                raise BadReply("CatalogueChanges.next_cursor: the list does not go on")
            if page.flag("complete") != complete or page.text("resume_token", 12, _VERSION) != resume:
                raise BadReply("CatalogueChanges: another version in the middle of the list")

    async def item(self, code: str) -> Mapping[str, Any]:
        """The table of the item with this code (31 or 33 characters) that is in force."""
        change = _change(Members(await self._get(f"/catalogue/items/{quote(code, safe='')}"), "CatalogueItem"))
        if change[1] is None:
            raise BadReply("CatalogueItem.gone: an item that was asked for by its code is no tombstone")
        return change[1]

    async def search(self, sentence: str, limit: int = 10) -> tuple[Suggested, ...]:
        """What the platform thinks a sentence means. Never send anything that names a person."""
        body = {"text": sentence[:MAX_SENTENCE], "limit": limit}
        found = Members(await self._post("/catalogue:search", body), "CatalogueFound")
        return tuple(Suggested(m.text("id", 9, _SERVICE), m.share("confidence")) for m in found.objects("items", 50))

    async def calendar(self, year: int) -> Year:
        """What differs from Monday to Friday in `year`. Raises `Problem` "not-found" while nothing is known."""
        m = Members(await self._get(f"/calendar/{year}"), "CalendarYear")
        m.number("year", year, year)
        table = {"published": m.flag("published"), "off": m.texts("off", 100, 10), "work": m.texts("work", 100, 10)}
        try:
            return year_of(year, table)
        except ValueError as error:
            raise BadReply(f"CalendarYear: {error}") from None

    async def divisions(self) -> tuple[PlatformDivision, ...]:
        """The city's divisions."""
        found = Members(await self._get("/divisions"), "Divisions").objects("items", MOST_DIVISIONS)
        return tuple(
            PlatformDivision(
                m.text("code", 9, _DIVISION),
                m.text("name", 60),
                m.text("name_en", 100),
                m.text("parent", 6),
                m.number("level", 3, 5),
            )
            for m in found
        )

    async def choices(self, service: str, field: str) -> tuple[PlatformChoice, ...]:
        """The choices of an item's field (`options_from` platform), in order; page by page, at most `MOST_CHOICES`."""
        found: list[PlatformChoice] = []
        cursor = ""
        path = f"/dictionaries/{quote(f'{service}.{field}', safe='')}"
        while True:
            before = cursor
            page, cursor = await self._page(path + (f"?cursor={quote(cursor)}" if cursor else ""), "Dictionary")
            found += [_choice(m) for m in page.objects("items", 200)]
            if len(found) > MOST_CHOICES or (cursor and cursor == before):
                raise BadReply("Dictionary.next_cursor: the list does not end")
            if not cursor:
                return tuple(found)

    async def _page(self, path: str, name: str) -> tuple[Members, str]:
        reply = await self._get(path)
        page = Members(reply, name)
        return page, "" if reply.get("next_cursor") is None else page.text("next_cursor", 60, _CURSOR)


def read_manifest(reply: Any, public_key: str) -> Manifest:
    """A manifest as it was sent, or as it was kept. Raises `BadReply`, `BadSignature`."""
    m = Members(reply, "Manifest")
    verify_signed(reply, public_key)
    return Manifest(
        m.text("version", 12, _VERSION),
        m.text("hash", 64, _HASH),
        m.number("sequence", 1, 1_000_000_000),
        m.time("effective"),
        0 if reply.get("upcoming") is None else m.number("upcoming", 1, 1_000_000_000),
        m.number("count", 0, MAX_ITEMS),
        tuple(_table(entry, "Manifest.fields[]") for entry in m.each("fields", 99)),
        dict(reply),
    )


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BadReply(f"{where}: expected an object")
    return value


def _change(m: Members) -> tuple[str, Mapping[str, Any] | None]:
    key = m.text("key", 40, _KEY)
    if m.flag("gone"):
        return key, None
    service = m.plain("service")
    if f"{service.get('id')}@{service.get('version', 1)}" != key:
        raise BadReply("CatalogueItem.key: is not that of its service")
    return key, {"field": m.text("field", 40), "service": service}


def _choice(m: Members) -> PlatformChoice:
    label = m.members("label")
    return PlatformChoice(m.text("key", 40, _CHOICE), Bilingual(label.text("zh"), label.text("en")))
