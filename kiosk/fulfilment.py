"""Submitting an application and printing a controlled document: once each, whatever happens (P3, P4).

submit: intent and sealed outbox row in one transaction -> platform -> acceptance number and charge done, in one
print:  mint -> authorisation -> job id journalled -> document sent -> job followed to its end -> outcome reported
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from drivers.device import DeviceState
from drivers.errors import DeviceError
from drivers.families import LicencePrinting
from drivers.licence_printer.reports import JobRef
from drivers.outcome import Done, Outcome, Refused, Unknown
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal, Row, Write
from kiosk.outbox import Outbox
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.messages import PrintAuthorisation

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The platform has the application. `number` "" means: it is sealed here and goes out when the network is back."""

    intent: str
    number: str = ""
    promise_date: date | None = None


@dataclass(frozen=True, slots=True)
class Printed:
    """A certificate came out: pages, and the licence identifier on it."""

    intent: str
    pages: int
    identifier: str


class Submissions:
    """Applications on their way to the platform."""

    def __init__(self, journal: Journal, outbox: Outbox, platform: Platform) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        outbox.topic("submit", self._deliver, self._refuse)

    async def submit(
        self, visit: str, intent_id: str, body: Mapping[str, Any], *, charge: str, wait_s: float
    ) -> Outcome[Accepted]:
        """Hand over `body` (the arguments of `Platform.submit`) for good, and wait `wait_s` for the number.

        Done without a number: accepted later, exactly once. Refused: the platform said no; the charge is owed back.
        """
        fate = self._outbox.expect(intent_id)

        def post(write: Write) -> None:
            write.mint(intent_id, Kind.SUBMIT, visit, {"charge": charge, "service": body["service"]})
            self._outbox.post(write, "submit", visit, intent_id, {**body, "charge": charge})

        await self._journal.write(post)
        self._outbox.poke()
        try:
            async with asyncio.timeout(wait_s):
                await asyncio.shield(fate)
        except TimeoutError:
            return Done(Accepted(intent_id))
        intent = await self._journal.intent(intent_id)
        assert intent is not None
        if intent.state is State.REFUSED:
            return Refused(str(intent.body.get("cause", "refused")))
        promise = intent.body.get("promise_date")
        accepted_by = date.fromisoformat(promise) if promise else None
        return Done(Accepted(intent_id, str(intent.body.get("number", "")), accepted_by))

    async def _deliver(self, row: Row, body: Mapping[str, Any]) -> Callable[[Write], object]:
        """Ask first whether an earlier try arrived, then send."""
        acceptance = await self._platform.find_application(row.id) if row.tries else None
        if acceptance is None:
            acceptance = await self._platform.submit(
                str(body["session"]),
                row.id,
                str(body["service"]),
                dict(body["form"]),
                body["order"] or None,
                list(body["consents"]),
                str(body["reviewed_digest"]),
                submitted_at=str(body["submitted_at"]),
            )
        number, promise = acceptance.number, acceptance.promise_date

        def apply(write: Write) -> None:
            references = {"number": number, "promise_date": promise.isoformat() if promise else ""}
            write.move(row.id, State.DONE, references)
            if body["charge"]:
                write.move(str(body["charge"]), State.DONE)

        return apply

    def _refuse(self, row: Row, body: Mapping[str, Any], slug: str) -> Callable[[Write], object]:
        def apply(write: Write) -> None:
            write.move(row.id, State.REFUSED, {"cause": slug})
            if body["charge"]:
                write.move(str(body["charge"]), State.OWED)

        return apply


class Prints:
    """Controlled documents on their way to paper."""

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        platform: Platform,
        printer: LicencePrinting,
        terminal_id: str,
        specimen: bool,
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._printer = printer
        self._terminal_id = terminal_id
        self._specimen = specimen

    async def print_document(
        self,
        visit: str,
        intent_id: str,
        *,
        session: str,
        service: str,
        params: Mapping[str, str],
        consents: list[str],
        on_progress: Callable[[str], None],
    ) -> Outcome[Printed]:
        """Authorise, typeset, print and follow. Done only when the paper came out; Unknown counts as used."""
        await self._journal.write(lambda w: w.mint(intent_id, Kind.PRINT, visit, {"service": service}))
        try:
            authorisation = await self._platform.authorise_print(session, intent_id, service, dict(params), consents)
        except PlatformError as error:
            cause = error.slug if isinstance(error, Problem) else "network"
            await self._journal.move(intent_id, State.REFUSED, cause=cause)
            return Refused(cause, str(error), again=True)
        await self._journal.move(intent_id, State.AUTHORISED, jti=authorisation.jti)
        on_progress("printing")
        try:
            outcome = await self._print(intent_id, authorisation)
        except DeviceError as error:
            outcome = Refused(error.cause, str(error), error.code, error.again)
        await self.conclude(intent_id, authorisation.jti, outcome)
        return outcome

    async def _print(self, intent_id: str, authorisation: PrintAuthorisation) -> Outcome[Printed]:
        from kiosk.certificate import CertificateError, render

        specimen = self._specimen or authorisation.simulated
        try:
            certificate = await asyncio.to_thread(
                render, authorisation.document, specimen=specimen, terminal_id=self._terminal_id
            )
        except CertificateError as error:
            return Refused("not-typeset", str(error))

        async def on_job(job: JobRef) -> None:
            await self._journal.move(
                intent_id, State.SENT, job=job.job_id, printer=job.printer_uuid, up_time=job.up_time
            )

        await self._printer.check(certificate.pages)
        outcome = await self._printer.print_pdf(
            certificate.pdf, authorisation.jti, pages=certificate.pages, on_job=on_job
        )
        if isinstance(outcome, Done):
            return Done(Printed(intent_id, outcome.value.pages, authorisation.document.identifier))
        return outcome

    async def conclude(self, intent_id: str, jti: str, outcome: Outcome[Any]) -> None:
        """Journal how a print ended, and tell the platform."""
        state, word, cause = State.DONE, "PRINTED", ""
        if isinstance(outcome, Refused):
            state, word, cause = State.REFUSED, "VOID", outcome.cause
        elif isinstance(outcome, Unknown):
            state, word, cause = State.UNCLEAR, "UNCLEAR", outcome.cause
        pages = outcome.value.pages if isinstance(outcome, Done) else 0

        def work(write: Write) -> None:
            intent = write.move(intent_id, state, {"cause": cause, "pages": pages})
            body = {"jti": jti, "state": word, "pages": pages, "evidence": {"cause": cause}}
            self._outbox.post(write, "print-outcome", intent.visit, f"{intent_id}:{word}", body)

        await self._journal.write(work)
        self._outbox.poke()

    async def resolve(self, intent: Intent) -> Outcome[Any] | None:
        """After a crash: what became of a print. None when the printer cannot be asked yet."""
        jti = str(intent.body.get("jti", ""))
        outcome: Outcome[Any] | None = None
        if intent.state is State.MINTED:
            try:
                found = await self._platform.find_print(intent.id)
            except PlatformError:
                return None
            await self._journal.move(intent.id, State.REFUSED, cause="power-cut")
            if found is not None:
                await self._void(intent, found.jti)
            return Refused("power-cut")
        if not self._printer.status.usable and self._printer.status.device is not DeviceState.USER_ERROR:
            return None
        ref = None
        if intent.state is State.SENT:
            ref = JobRef(int(intent.body["job"]), str(intent.body["printer"]), int(intent.body["up_time"]))
        try:
            outcome = await self._printer.find_job(jti, ref=ref)
        except DeviceError:
            return None
        if intent.state is State.AUTHORISED and not isinstance(outcome, Done):
            # No document was sent: at most an empty job, which `find_job` has cancelled.
            outcome = Refused("power-cut")
        elif outcome is None:
            outcome = Unknown("job-forgotten", "the printer does not know the job any more")
        await self.conclude(intent.id, jti, outcome)
        return outcome

    async def _void(self, intent: Intent, jti: str) -> None:
        body = {"jti": jti, "state": "VOID", "pages": 0, "evidence": {"cause": "power-cut"}}
        await self._journal.write(
            lambda w: self._outbox.post(w, "print-outcome", intent.visit, f"{intent.id}:VOID", body)
        )
        self._outbox.poke()
