"""Printing a controlled document: permitted, checked, once, whatever happens (P3).

| step                | checked                                             | if not                          |
|---------------------|-----------------------------------------------------|---------------------------------|
| mint                |                                                     |                                 |
| permission          | signature, terminal, act, document, copies, time    | refused, REJECTED reported      |
| code on the paper   | its signature and digest fit the document           | refused, VOID reported          |
| typeset             | glyphs, seal, lengths                               | refused, VOID reported          |
| authorised + forms  | jti never used before; enough forms: one transaction| refused, REJECTED or VOID       |
| job id, then sent   | the printer says that it can                        | refused, forms free again       |
| followed to its end | pages came out: forms used; void: spoiled; unknown: unclear |                         |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from config.issuer_keys import IssuerKeys, load_issuer_keys
from drivers.device import DeviceState
from drivers.errors import DeviceError
from drivers.families import LicencePrinting
from drivers.licence_printer.host import Phase, Progress
from drivers.licence_printer.reports import JobRef
from drivers.outcome import Done, Outcome, Refused, Unknown
from kiosk.duties.outbox import Outbox
from kiosk.intents import Intent, Kind, State
from kiosk.journal import Journal, Write
from kiosk.money.holds import refused as not_given
from kiosk.money.holds import served
from kiosk.platform.client import Platform
from kiosk.platform.errors import PlatformError, Problem
from kiosk.platform.messages import PrintAuthorisation
from kiosk.printing.certificate_check import check
from kiosk.printing.forms_stock import FormsStock, OutOfForms, spelt
from kiosk.printing.print_token import TokenRefused, check_token

log = logging.getLogger(__name__)

MAX_COPIES = 5


@dataclass(frozen=True, slots=True)
class Printed:
    """A certificate came out: pages, the licence identifier on it, the numbers of its forms."""

    intent: str
    pages: int
    identifier: str
    forms: tuple[str, ...] = ()


class _Refuse(Exception):
    """This print must not be; `word` is what the platform is told of the permission."""

    def __init__(self, cause: str, sentence: str, word: str = "VOID") -> None:
        super().__init__(sentence)
        self.cause = cause
        self.word = word


class Prints:
    """Controlled documents on their way to paper. `keys` are the issuers' whose codes may be printed."""

    def __init__(
        self,
        journal: Journal,
        outbox: Outbox,
        platform: Platform,
        printer: LicencePrinting,
        terminal_id: str,
        specimen: bool,
        *,
        keys: IssuerKeys | None = None,
        code_prefix: str = "",
    ) -> None:
        self._journal = journal
        self._outbox = outbox
        self._platform = platform
        self._printer = printer
        self._terminal_id = terminal_id
        self._specimen = specimen
        self._keys = load_issuer_keys(None, simulated=specimen) if keys is None else keys
        self._prefix = code_prefix
        self.stock = FormsStock(journal)

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
        copies: int = 1,
        form_stock: str | None = None,
        charge: str = "",
    ) -> Outcome[Printed]:
        """Authorise, typeset, print and follow. Done only when the paper came out; Unknown counts as used.

        `charge`: the payment for it, settled in the transaction that records how the print ended. Refused: it goes
        back. Unclear: it is kept as the form is, until a person looked.
        """
        if not 1 <= copies <= MAX_COPIES:
            raise ValueError(f"{copies} copies; 1 to {MAX_COPIES}")
        references: dict[str, Any] = {"service": service}
        references |= ({"copies": copies} if copies > 1 else {}) | ({"charge": charge} if charge else {})
        await self._journal.write(lambda w: w.mint(intent_id, Kind.PRINT, visit, references))
        try:
            permission = await self._platform.authorise_print(
                session, intent_id, service, dict(params), consents, copies
            )
        except PlatformError as error:
            cause = error.slug if isinstance(error, Problem) else "network"
            nothing_done = error.processed == "no" if isinstance(error, Problem) else error.certain
            if nothing_done:
                await self._journal.write(lambda w: refuse(w, intent_id, cause))
            else:
                # The permission may exist and only its answer be lost: it is looked for and given back, now or later.
                minted = await self._journal.intent(intent_id)
                assert minted is not None
                await self.resolve(minted)
            return Refused(cause, str(error), again=True)
        return await self.permitted(
            visit, intent_id, permission, service=service, copies=copies, form_stock=form_stock, on_progress=on_progress
        )

    async def permitted(
        self,
        visit: str,
        intent_id: str,
        permission: PrintAuthorisation,
        *,
        service: str,
        copies: int,
        form_stock: str | None,
        on_progress: Callable[[str], None],
    ) -> Outcome[Printed]:
        """Typeset, print and follow what was permitted for a minted intent."""
        try:
            self._check(permission, intent_id, service, copies)
            pdf, pages, forms = await self._prepared(visit, intent_id, permission, copies, form_stock)
        except _Refuse as refused:
            log.warning("print %s refused: %s", intent_id, refused)
            outcome: Outcome[Printed] = Refused(refused.cause, str(refused))
            await self.conclude(intent_id, permission.jti, outcome, word=refused.word)
            return outcome
        on_progress("printing")
        try:
            outcome = await self._print(intent_id, permission, pdf, pages, forms, on_progress)
        except DeviceError as error:
            outcome = Refused(error.cause, str(error), error.code, error.again)
        await self.conclude(intent_id, permission.jti, outcome, copies=copies)
        return outcome

    def _check(self, permission: PrintAuthorisation, intent: str, service: str, copies: int) -> None:
        """The permission, and the code that will be on the paper. Raises `_Refuse`."""
        try:
            check_token(
                self._platform.print_token(permission.token),
                jti=permission.jti,
                terminal=self._terminal_id,
                intent=intent,
                service=service,
                document=permission.digest,
                copies=copies,
                now=self._platform.now(),
            )
        except TokenRefused as error:
            raise _Refuse(error.cause, str(error), "REJECTED") from error
        document = permission.document
        verdict = check(document.qr, self._keys, None, document.issued_on, facts=document.facts())
        if verdict.state != "valid":
            raise _Refuse(f"code-{verdict.state}", f"the code for the paper is {verdict.state}: {verdict.reason}")

    async def _prepared(
        self, visit: str, intent_id: str, permission: PrintAuthorisation, copies: int, form_stock: str | None
    ) -> tuple[bytes, int, tuple[str, ...]]:
        """Typeset, and in one transaction record the permission and reserve the forms. Raises `_Refuse`."""
        from kiosk.printing.certificate import CertificateError, render

        specimen = self._specimen or permission.simulated
        document = replace(permission.document, qr=self._prefix + permission.document.qr)

        async def typeset(forms: tuple[str, ...]) -> tuple[bytes, int]:
            try:
                made = await asyncio.to_thread(
                    render, document, specimen=specimen, terminal_id=self._terminal_id, copies=copies, forms=forms
                )
            except CertificateError as error:
                raise _Refuse("not-typeset", str(error)) from error
            return made.pdf, made.pages

        pdf, pages = await typeset(())
        needed = pages if form_stock else 0

        def authorise(write: Write) -> tuple[str, ...]:
            if any(i != intent_id for i in write.intents_with(Kind.PRINT, "jti", permission.jti)):
                raise _Refuse("token-replayed", "this permission to print was used before", "REJECTED")
            more: dict[str, Any] = {"jti": permission.jti}
            forms: tuple[str, ...] = ()
            if form_stock:
                forms = self.stock.reserve(write, visit, form_stock, needed, intent_id)
                more |= {"stock": form_stock, "forms": list(forms)}
            write.move(intent_id, State.AUTHORISED, more)
            return forms

        try:
            forms = await self._journal.write(authorise)
        except OutOfForms as error:
            raise _Refuse("form-stock", str(error)) from error
        if forms:
            pdf, again = await typeset(forms)
            if again != pages:
                raise _Refuse("not-typeset", "the numbers of the forms change the number of pages")
        return pdf, pages, forms

    async def _print(
        self,
        intent_id: str,
        permission: PrintAuthorisation,
        pdf: bytes,
        pages: int,
        forms: tuple[str, ...],
        on_progress: Callable[[str], None],
    ) -> Outcome[Printed]:
        async def on_job(job: JobRef) -> None:
            await self._journal.move(
                intent_id, State.SENT, job=job.job_id, printer=job.printer_uuid, up_time=job.up_time, pages=pages
            )

        def told(progress: Progress) -> None:
            stopped = progress.phase in (Phase.WAITING_FOR_PEOPLE, Phase.SILENT, Phase.CANCELLING)
            on_progress("printer-waits" if stopped else "printing")

        await self._printer.check(pages)
        outcome = await self._printer.print_pdf(pdf, permission.jti, pages=pages, on_job=on_job, on_progress=told)
        if isinstance(outcome, Done):
            return Done(Printed(intent_id, outcome.value.pages, permission.document.identifier, forms))
        return outcome

    async def conclude(
        self,
        intent_id: str,
        jti: str,
        outcome: Outcome[Any],
        *,
        word: str = "VOID",
        copies: int = 1,
        seen: Mapping[str, str] | None = None,
    ) -> None:
        """Journal how a print and its forms ended, and tell the platform, in one transaction.

        `seen`: what a person testified where no machine could tell.
        """
        state, cause = State.DONE, ""
        if isinstance(outcome, Refused):
            state, cause = State.REFUSED, outcome.cause
        elif isinstance(outcome, Unknown):
            state, word, cause = State.UNCLEAR, "UNCLEAR", outcome.cause
        else:
            word = "PRINTED"
        pages = outcome.value.pages if isinstance(outcome, Done) else 0

        def work(write: Write) -> None:
            before = write.intent(intent_id)
            intent = write.move(intent_id, state, {"cause": cause, "pages": pages, **(seen or {})})
            _settle_charge(write, intent)
            forms = [str(serial) for serial in intent.body.get("forms", ())]
            if forms:
                sent = before is not None and before.state is State.SENT
                self._settle(write, intent, forms, outcome, sent)
            evidence = {"cause": cause}
            if forms:
                evidence["forms"] = spelt(forms)
            if copies > 1:
                evidence["copies"] = str(copies if isinstance(outcome, Done) else 0)
            body = {"jti": jti, "state": word, "pages": pages, "evidence": evidence}
            self._outbox.post(write, "print-outcome", intent.visit, f"{intent_id}:{word}", body)

        await self._journal.write(work)
        self._outbox.poke()
        if self.stock.shelves:
            await self.stock.refresh()

    def _settle(self, write: Write, intent: Intent, forms: list[str], outcome: Outcome[Any], sent: bool) -> None:
        """Used, spoiled, unclear; or free again when nothing had been sent."""
        stock = str(intent.body["stock"])
        if isinstance(outcome, Done):
            self.stock.settle(write, intent.visit, stock, forms, "used", intent.id)
        elif isinstance(outcome, Unknown):
            self.stock.settle(write, intent.visit, stock, forms, "unclear", intent.id)
        elif sent:
            self.stock.settle(write, intent.visit, stock, forms, "spoiled", intent.id)
        else:
            self.stock.unused(write, intent.visit, stock, forms, intent.id, outcome.cause)

    async def resolve(self, intent: Intent) -> Outcome[Any] | None:
        """After a crash: what became of a print. None when the printer cannot be asked yet."""
        jti = str(intent.body.get("jti", ""))
        outcome: Outcome[Any] | None = None
        if intent.state is State.MINTED:
            try:
                found = await self._platform.find_print(intent.id)
            except PlatformError:
                return None
            await self._journal.write(lambda w: refuse(w, intent.id, "power-cut"))
            if found is not None:
                await self._void(intent, found.jti)
            return Refused("power-cut")
        if not self._printer.status.usable and self._printer.status.device is not DeviceState.USER_ERROR:
            return None
        ref = None
        if intent.state is State.SENT:
            ref = JobRef(int(intent.body["job"]), str(intent.body["printer"]), int(intent.body["up_time"]))
        try:
            outcome = await self._printer.find_job(jti, ref=ref, pages=int(intent.body.get("pages", 1)))
        except DeviceError:
            return None
        if intent.state is State.AUTHORISED and not isinstance(outcome, Done):
            # No document was sent: at most an empty job, which `find_job` has cancelled.
            outcome = Refused("power-cut")
        elif outcome is None:
            outcome = Unknown("job-forgotten", "the printer does not know the job any more")
        await self.conclude(intent.id, jti, outcome, copies=int(intent.body.get("copies", 1)))
        return outcome

    async def _void(self, intent: Intent, jti: str) -> None:
        body = {"jti": jti, "state": "VOID", "pages": 0, "evidence": {"cause": "power-cut"}}
        await self._journal.write(
            lambda w: self._outbox.post(w, "print-outcome", intent.visit, f"{intent.id}:VOID", body)
        )
        self._outbox.poke()


def refuse(write: Write, intent_id: str, cause: str) -> None:
    """Inside `write`: a print that nothing came of; the payment for it goes back."""
    _settle_charge(write, write.move(intent_id, State.REFUSED, {"cause": cause}))


def _settle_charge(write: Write, intent: Intent) -> None:
    """The payment for a print that ended: earned, or to go back."""
    charge = str(intent.body.get("charge", ""))
    if charge:
        (not_given if intent.state is State.REFUSED else served)(write, charge)
