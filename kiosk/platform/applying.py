"""Materials and applications: the part of the client that journeys with papers use. Errors as in `Platform`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from kiosk.platform import messages
from kiosk.platform.applying_messages import (
    Copy,
    Draft,
    Flaw,
    Found,
    MaterialRef,
    MyCase,
    Reason,
    Sheet,
    UploadState,
    read_case,
    read_copy,
    read_draft,
    read_flaw,
    read_found,
    read_upload,
)
from kiosk.platform.connection import Connection, Question
from kiosk.platform.messages import Acceptance
from kiosk.platform.reading import Members
from kiosk.platform.signing import verify


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
        return read_copy(
            Members(await self._post(f"/licences/{_part(licence)}/copies", body, key, session), "LicenceCopy")
        )

    async def _look(self, path: str, session: str, service: str, consent: str) -> tuple[Found, ...]:
        reply = await self._post(path, {"service": service, "consent": consent}, "", session)
        return tuple(read_found(m) for m in Members(reply, "Licences").objects("items", 50))

    # Uploads

    async def start_upload(self, session: str, key: str, sheet: Sheet) -> UploadState:
        """Announce a sheet; the same key gives the same upload again."""
        body = {name: getattr(sheet, name) for name in Sheet.__slots__}
        return read_upload(await self._post("/uploads", body, key, session))

    async def upload_state(self, upload: str) -> UploadState:
        """Which parts are there."""
        return read_upload((await self._connection.ask(Question("GET", f"/uploads/{_part(upload)}"))).content)

    async def put_part(self, upload: str, part: int, data: bytes) -> UploadState:
        """One part, at most `PART_BYTES`; again is safe."""
        path = f"/uploads/{_part(upload)}/parts/{part}?sha256={hashlib.sha256(data).hexdigest()}"
        return read_upload((await self._connection.ask(Question("PUT", path, octets=data))).content)

    async def complete_upload(self, upload: str, key: str) -> UploadState:
        """All parts are there; the platform compares the whole with what was announced."""
        return read_upload(await self._post(f"/uploads/{_part(upload)}:complete", {}, key, ""))

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
        return tuple(read_draft(m) for m in Members(reply, "Drafts").objects("items", 20))

    async def drop_draft(self, session: str, draft: str) -> None:
        """Forget it."""
        await self._connection.ask(Question("DELETE", f"/drafts/{_part(draft)}", session=session))

    async def precheck(self, session: str, draft: str) -> tuple[Flaw, ...]:
        """Everything that would keep it from being accepted, at once."""
        reply = await self._post(f"/drafts/{_part(draft)}:precheck", {}, "", session)
        return tuple(read_flaw(m) for m in Members(reply, "Precheck").objects("problems", 100))

    async def _draft(self, question: Question) -> Draft:
        reply = await self._connection.ask(question)
        draft = read_draft(Members(reply.content, "Draft"))
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
        return tuple(read_case(m) for m in Members(reply, "MyApplications").objects("items", 50))

    async def supplement(
        self, session: str, key: str, number: str, materials: Sequence[MaterialRef], consents: Sequence[str]
    ) -> MyCase:
        """Hand in what the office asked for."""
        body = {"materials": [m.body() for m in materials], "consents": list(consents)}
        return read_case(
            Members(await self._post(f"/applications/{_part(number)}/supplements", body, key, session), "MyApplication")
        )

    async def withdraw(self, session: str, key: str, number: str, reason: Reason) -> MyCase:
        """Take an application back that is not decided yet."""
        reply = await self._post(f"/applications/{_part(number)}:withdraw", {"reason": reason}, key, session)
        return read_case(Members(reply, "MyApplication"))

    def _accepted(self, reply: Any, intent: str) -> Acceptance:
        members = Members(reply, "Acceptance")
        verify(reply, self._public_key, kiosk=self._connection.kiosk, intent=intent)
        return messages.acceptance(members)

    async def _post(self, path: str, body: Mapping[str, Any], key: str, session: str) -> Any:
        return (await self._connection.ask(Question("POST", path, body, key, session))).content


def _content(form: Mapping[str, str], materials: Sequence[MaterialRef]) -> dict[str, Any]:
    return {"form": dict(form), "materials": [m.body() for m in materials]}


def _part(text: str) -> str:
    return quote(text, safe="")
