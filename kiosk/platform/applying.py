"""Materials and applications: the part of the client that journeys with papers use. Errors as in `Platform`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, cast
from urllib.parse import quote

from kiosk.platform import messages
from kiosk.platform.connection import Connection, Question
from kiosk.platform.errors import BadReply
from kiosk.platform.messages import Acceptance, Bilingual
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify

Grade = Literal["", "A", "B", "C", "D"]
Source = Literal["elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign", "counter"]
Code = Literal["missing", "blurred", "wrong-side", "expired", "other-person", "form"]
CaseState = Literal["ACCEPTED", "IN_PROGRESS", "SUPPLEMENT", "DONE", "REFUSED", "WITHDRAWN"]
Reason = Literal["not-needed", "mistake", "again-later", "other"]
PART_BYTES = 256 * 1024
MAX_PARTS = 64

_GRADES = frozenset({"A", "B", "C", "D"})
_SOURCES = frozenset(
    {"elicense", "share", "read", "insert", "mrz", "scan", "photo", "face", "finger", "sign", "counter"}
)
_CODES = frozenset({"missing", "blurred", "wrong-side", "expired", "other-person", "form"})
_STATES = frozenset({"ACCEPTED", "IN_PROGRESS", "SUPPLEMENT", "DONE", "REFUSED", "WITHDRAWN"})


@dataclass(frozen=True, slots=True)
class Found:
    """What the city has for a material (its index in the item). Personal: it belongs into the vault."""

    id: str
    material: int
    kind: str
    number_masked: str = field(repr=False)
    issuer: str
    grade: Grade
    valid_to: date | None
    expired: bool


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a licence for one purpose; `watermark` is printed on it wherever it goes."""

    id: str
    grade: Grade
    watermark: Bilingual
    expires_at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it is announced: what it is, how it was captured, its digest (hex) and length."""

    service: str
    material: int
    page: int
    kind: str
    bytes: int
    sha256: str
    captured_at: str
    device: str
    dpi: int
    check: str = ""
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class UploadState:
    """Which parts (from 1) are there."""

    id: str
    complete: bool
    parts: frozenset[int]


@dataclass(frozen=True, slots=True)
class MaterialRef:
    """A material as it is handed in: uploads in the order of the pages, a copy, or a record of shared data."""

    material: int
    source: Source
    grade: Grade
    refs: tuple[str, ...] = ()

    def body(self) -> dict[str, Any]:
        """As JSON."""
        return {"material": self.material, "source": self.source, "grade": self.grade, "refs": list(self.refs)}


@dataclass(frozen=True, slots=True)
class Draft:
    """An application that is not handed in yet. `etag` is the version that a change must name."""

    id: str
    service: str
    form: Mapping[str, str] = field(repr=False)
    materials: tuple[MaterialRef, ...]
    kept: bool
    saved_at: datetime
    etag: str


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that keeps an application from being accepted: of a material, or of a field of the form."""

    code: Code
    material: int | None = None
    field: str = ""


@dataclass(frozen=True, slots=True)
class MyCase:
    """A case of the session's person; `asked_for`: materials that the office wants again."""

    number: str
    service: str
    state: CaseState
    accepted_at: datetime
    promise_date: date
    asked_for: tuple[int, ...]


class Applying:
    """Calls of `Platform` that concern materials, drafts and applications."""

    def __init__(self, connection: Connection, public_key: str) -> None:
        self._connection = connection
        self._public_key = public_key

    # What the city has

    async def licences(self, session: str, service: str, consent: str) -> tuple[Found, ...]:
        """The licence library, under its own consent."""
        return await self._look("/licences:lookup", session, service, consent)

    async def shared(self, session: str, service: str, consent: str) -> tuple[Found, ...]:
        """Shared data, a stored portrait among them, under its own consent."""
        return await self._look("/shared-data:lookup", session, service, consent)

    async def copy(self, session: str, key: str, licence: str, service: str, consent: str) -> Copy:
        """A copy for this service only. Raises `Problem` "licence-void" when it has expired."""
        body = {"service": service, "consent": consent}
        m = Members(await self._post(f"/licences/{_part(licence)}/copies", body, key, session), "LicenceCopy")
        words = m.members("watermark")
        return Copy(
            m.id("id"),
            cast("Grade", m.word("grade", _GRADES)),
            Bilingual(words.text("zh"), words.text("en")),
            m.time("expires_at"),
            m.text("sha256", 64),
        )

    async def _look(self, path: str, session: str, service: str, consent: str) -> tuple[Found, ...]:
        reply = await self._post(path, {"service": service, "consent": consent}, "", session)
        return tuple(_found(m) for m in Members(reply, "Licences").objects("items", 50))

    # Uploads

    async def start_upload(self, session: str, key: str, sheet: Sheet) -> UploadState:
        """Announce a sheet; the same key gives the same upload again."""
        body = {name: getattr(sheet, name) for name in Sheet.__slots__}
        return _upload(await self._post("/uploads", body, key, session))

    async def upload_state(self, upload: str) -> UploadState:
        """Which parts are there."""
        return _upload((await self._connection.ask(Question("GET", f"/uploads/{_part(upload)}"))).content)

    async def put_part(self, upload: str, part: int, data: bytes) -> UploadState:
        """One part, at most `PART_BYTES`; again is safe."""
        path = f"/uploads/{_part(upload)}/parts/{part}?sha256={hashlib.sha256(data).hexdigest()}"
        return _upload((await self._connection.ask(Question("PUT", path, octets=data))).content)

    async def complete_upload(self, upload: str, key: str) -> UploadState:
        """All parts are there; the platform compares the whole with what was announced."""
        return _upload(await self._post(f"/uploads/{_part(upload)}:complete", {}, key, ""))

    async def drop_upload(self, upload: str) -> None:
        """It will not be handed in."""
        await self._connection.ask(Question("DELETE", f"/uploads/{_part(upload)}"))

    # Drafts

    async def start_draft(
        self,
        session: str,
        key: str,
        service: str,
        form: Mapping[str, str],
        materials: Sequence[MaterialRef],
        *,
        keep: bool = False,
    ) -> Draft:
        """Begin a draft; it replaces an older one of the same person for the same item."""
        body = {"service": service, **_content(form, materials), "keep": keep}
        return await self._draft(Question("POST", "/drafts", body, key, session))

    async def change_draft(
        self,
        session: str,
        key: str,
        draft: Draft,
        form: Mapping[str, str],
        materials: Sequence[MaterialRef],
        *,
        keep: bool = False,
    ) -> Draft:
        """Replace its content. Raises `Problem` "version-conflict" when another terminal changed it since."""
        body = {**_content(form, materials), "keep": keep}
        path = f"/drafts/{_part(draft.id)}"
        return await self._draft(Question("PATCH", path, body, key, session, if_match=draft.etag))

    async def read_draft(self, session: str, draft: str) -> Draft:
        """A draft as it is now."""
        return await self._draft(Question("GET", f"/drafts/{_part(draft)}", session=session))

    async def my_drafts(self, session: str, service: str = "") -> tuple[Draft, ...]:
        """Drafts that the person asked to keep, newest first."""
        query = f"?service={quote(service)}" if service else ""
        reply = (await self._connection.ask(Question("GET", f"/drafts{query}", session=session))).content
        return tuple(_draft(m) for m in Members(reply, "Drafts").objects("items", 20))

    async def drop_draft(self, session: str, draft: str) -> None:
        """Forget it."""
        await self._connection.ask(Question("DELETE", f"/drafts/{_part(draft)}", session=session))

    async def precheck(self, session: str, draft: str) -> tuple[Flaw, ...]:
        """Everything that would keep it from being accepted, at once."""
        reply = await self._post(f"/drafts/{_part(draft)}:precheck", {}, "", session)
        return tuple(_flaw(m) for m in Members(reply, "Precheck").objects("problems", 100))

    async def _draft(self, question: Question) -> Draft:
        reply = await self._connection.ask(question)
        draft = _draft(Members(reply.content, "Draft"))
        return replace(draft, etag=reply.etag or draft.etag)

    # Handing in

    async def submit(self, session: str, key: str, body: Mapping[str, Any]) -> Acceptance:
        """Hand in under the intent id `key`; `body` is an Application of the contract."""
        return self._accepted(await self._post("/applications", body, key, session), key)

    async def submit_sealed(self, key: str, body: Mapping[str, Any]) -> Acceptance:
        """Hand in what was sealed without a network. Raises `Problem` "kept-too-long" after 72 h."""
        return self._accepted(await self._post("/sealed-applications", body, key, ""), key)

    async def find_by_draft(self, draft: str, intent: str) -> Acceptance | None:
        """What became of a draft that was handed in under `intent`."""
        reply = (await self._connection.ask(Question("GET", f"/applications?draft={quote(draft)}"))).content
        found = Members(reply, "Acceptances").each("items", 1)
        return self._accepted(found[0], intent) if found else None

    async def mine(self, session: str) -> tuple[MyCase, ...]:
        """The person's own cases, newest first."""
        reply = (await self._connection.ask(Question("GET", "/applications?mine=yes", session=session))).content
        return tuple(_case(m) for m in Members(reply, "MyApplications").objects("items", 50))

    async def supplement(
        self, session: str, key: str, number: str, materials: Sequence[MaterialRef], consents: Sequence[str]
    ) -> MyCase:
        """Hand in what the office asked for."""
        body = {"materials": [m.body() for m in materials], "consents": list(consents)}
        return _case(
            Members(await self._post(f"/applications/{_part(number)}/supplements", body, key, session), "MyApplication")
        )

    async def withdraw(self, session: str, key: str, number: str, reason: Reason) -> MyCase:
        """Take an application back that is not decided yet."""
        reply = await self._post(f"/applications/{_part(number)}:withdraw", {"reason": reason}, key, session)
        return _case(Members(reply, "MyApplication"))

    def _accepted(self, reply: Any, intent: str) -> Acceptance:
        members = Members(reply, "Acceptance")
        verify(reply, self._public_key, kiosk=self._connection.kiosk, intent=intent)
        return messages.acceptance(members)

    async def _post(self, path: str, body: Mapping[str, Any], key: str, session: str) -> Any:
        return (await self._connection.ask(Question("POST", path, body, key, session))).content


def _content(form: Mapping[str, str], materials: Sequence[MaterialRef]) -> dict[str, Any]:
    return {"form": dict(form), "materials": [m.body() for m in materials]}


def _found(m: Members) -> Found:
    return Found(
        m.id("id"),
        m.number("material", 0, 29),
        m.text("kind", 80),
        m.text("number_masked", 40),
        m.text("issuer", 80),
        cast("Grade", m.word("grade", _GRADES)),
        m.day_or_none("valid_to"),
        m.word("state", frozenset({"valid", "expired"})) == "expired",
    )


def _upload(reply: Any) -> UploadState:
    m = Members(reply, "Upload")
    m.number("part_bytes", PART_BYTES, PART_BYTES)
    parts = m.each("parts", MAX_PARTS)
    if not all(isinstance(part, int) and 1 <= part <= MAX_PARTS for part in parts):
        raise BadReply("Upload.parts: expected numbers of parts")
    return UploadState(m.id("id"), m.word("state", frozenset({"OPEN", "COMPLETE"})) == "COMPLETE", frozenset(parts))


def _draft(m: Members) -> Draft:
    version = m.number("version", 1, 999_999_999)
    return Draft(
        m.id("id"),
        m.text("service", 20),
        _values(m),
        tuple(_ref(r) for r in m.objects("materials", 30)),
        m.flag("kept"),
        m.time("saved_at"),
        f'"{version}"',
    )


def _values(m: Members) -> dict[str, str]:
    """The form: keys and texts, both bounded."""
    values = m.plain("form")
    fits = all(isinstance(k, str) and len(k) <= 60 and isinstance(v, str) and len(v) <= 2000 for k, v in values.items())
    if len(values) > 200 or not fits:
        raise BadReply("Draft.form: expected texts of at most 2000 characters")
    return dict(values)


def _ref(m: Members) -> MaterialRef:
    return MaterialRef(
        m.number("material", 0, 29),
        cast("Source", m.word("source", _SOURCES)),
        cast("Grade", m.word("grade", _GRADES | {""})),
        m.texts("refs", 50, 80),
    )


def _flaw(m: Members) -> Flaw:
    material = m.number_or_none("material", 0, 29)
    return Flaw(cast("Code", m.word("code", _CODES)), material, m.text("field", 40))


def _case(m: Members) -> MyCase:
    asked = m.each("asked_for", 30)
    if not all(isinstance(each, int) and 0 <= each < 30 for each in asked):
        raise BadReply("MyApplication.asked_for: expected numbers of materials")
    return MyCase(
        m.text("number", 16),
        m.text("service", 20),
        cast("CaseState", m.word("state", _STATES)),
        m.time("accepted_at"),
        m.day("promise_date"),
        tuple(asked),
    )


def _part(text: str) -> str:
    return quote(text, safe="")
