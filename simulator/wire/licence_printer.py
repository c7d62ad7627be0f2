"""The printer's end of IPP/1.1 and 2.0: one request's octets in, one response's octets out (RFC 8011, 4).

| check, in this order                               | answer when it fails                    |
|----------------------------------------------------|-----------------------------------------|
| octets                                             | client-error-bad-request                |
| version 1.x or 2.x                                 | server-error-version-not-supported      |
| request-id, charset and language first, in order   | client-error-bad-request                |
| operation known                                    | server-error-operation-not-supported    |
| charset                                            | client-error-charset-not-supported      |
| printer-uri                                        | client-error-bad-request                |
| then each operation's own                          |                                         |
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from drivers.licence_printer.frames import (
    Attribute,
    Group,
    IppError,
    JobState,
    Message,
    Operation,
    Status,
    Tag,
    attribute,
    decode_with_document,
    encode,
)
from simulator.models.printer_engine import Engine, Job
from simulator.wire.licence_printer_attributes import (
    JOB_DESCRIPTION,
    JOB_TEMPLATE,
    Identity,
    job_attributes,
    printer_attributes,
    unsupported,
)
from simulator.wire.licence_printer_packed import COMPRESSIONS, PackedWrong, unpacked

PageCount = Callable[[bytes, str], int]


class Rejected(Exception):
    """The request is answered with `status` and, when attributes are at fault, these."""

    def __init__(self, status: Status, text: str, at_fault: tuple[Attribute, ...] = ()) -> None:
        super().__init__(text)
        self.status = status
        self.at_fault = at_fault


@dataclass(slots=True)
class Answered:
    """What one request led to: its operation (0 when unreadable) and the response's octets."""

    operation: int
    octets: bytes


class PrinterEnd:
    """Answers requests out of an `Engine`. `count` tells how many pages a document has, 0 when it is damaged."""

    def __init__(self, engine: Engine, identity: Identity, count: PageCount) -> None:
        self.engine = engine
        self.identity = identity
        self.busy_answers = 0
        self.identified = 0
        self._count = count
        self._table: dict[int, Callable[[float, Group, Message, bytes], list[Group]]] = {
            Operation.PRINT_JOB: self._print_job,
            Operation.VALIDATE_JOB: self._validate_job,
            Operation.CREATE_JOB: self._create_job,
            Operation.SEND_DOCUMENT: self._send_document,
            Operation.CANCEL_JOB: self._cancel_job,
            Operation.GET_JOB_ATTRIBUTES: self._get_job,
            Operation.GET_JOBS: self._get_jobs,
            Operation.GET_PRINTER_ATTRIBUTES: self._get_printer,
            Operation.HOLD_JOB: self._hold_job,
            Operation.RELEASE_JOB: self._release_job,
            Operation.PAUSE_PRINTER: self._pause,
            Operation.RESUME_PRINTER: self._resume,
            Operation.CANCEL_MY_JOBS: self._cancel_my_jobs,
            Operation.CLOSE_JOB: self._close_job,
            Operation.IDENTIFY_PRINTER: self._identify,
        }
        for gone in identity.without:
            self._table.pop(gone, None)

    @property
    def operations(self) -> tuple[int, ...]:
        """operations-supported."""
        return tuple(sorted(self._table))

    def answer(self, now: float, octets: bytes) -> Answered:
        """Do what the request asks for, at `now`."""
        self.engine.update(now)
        try:
            request, document = decode_with_document(octets)
        except IppError as error:
            return Answered(0, encode(self._response((1, 1), 1, Status.BAD_REQUEST, str(error), ())))
        version = (request.version[0], min(request.version[1], 2)) if request.version[0] in (1, 2) else (2, 0)
        request_id = request.request_id
        try:
            groups = self._handle(now, request, document)
            response = self._response(version, request_id, Status.OK, "successful-ok", tuple(groups))
        except Rejected as rejected:
            groups = [Group(Tag.UNSUPPORTED_GROUP, rejected.at_fault)] if rejected.at_fault else []
            response = self._response(version, request_id, rejected.status, str(rejected), tuple(groups))
        self.engine.update(now)
        return Answered(request.code, encode(response))

    def _response(
        self, version: tuple[int, int], request_id: int, status: Status, text: str, groups: tuple[Group, ...]
    ) -> Message:
        head = (
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
            attribute("status-message", Tag.TEXT, text[:255]),
        )
        return Message(status, request_id, (Group(Tag.OPERATION, head), *groups), version)

    def _handle(self, now: float, request: Message, document: bytes) -> list[Group]:
        if request.version[0] not in (1, 2):
            raise Rejected(Status.VERSION_NOT_SUPPORTED, "IPP 1.x and 2.x are spoken here")
        operation = request.group(Tag.OPERATION)
        names = [a.name for a in operation.attributes[:2]]
        if request.request_id < 1 or names != ["attributes-charset", "attributes-natural-language"]:
            raise Rejected(Status.BAD_REQUEST, "request-id, attributes-charset or attributes-natural-language")
        act = self._table.get(request.code)
        if act is None:
            raise Rejected(Status.OPERATION_NOT_SUPPORTED, f"operation 0x{request.code:04x}")
        if operation.word("attributes-charset").lower() not in ("utf-8", "us-ascii"):
            raise Rejected(Status.CHARSET_NOT_SUPPORTED, "utf-8 and us-ascii are known here")
        uri = operation.word("printer-uri") or operation.word("job-uri")
        if not uri:
            raise Rejected(Status.BAD_REQUEST, "printer-uri is missing")
        if self.busy_answers and request.code in (
            Operation.PRINT_JOB,
            Operation.CREATE_JOB,
            Operation.SEND_DOCUMENT,
        ):
            self.busy_answers -= 1
            raise Rejected(Status.BUSY, "busy, try again")
        return act(now, operation, request, document)

    def _check_job(self, operation: Group, request: Message) -> None:
        """What Print-Job, Create-Job and Validate-Job have in common."""
        self._check_format(operation)
        faults = unsupported(self.identity, request.group(Tag.JOB))
        if faults and operation.flag("ipp-attribute-fidelity"):
            raise Rejected(Status.ATTRIBUTES_NOT_SUPPORTED, "attributes or values not supported", faults)

    def _check_format(self, operation: Group) -> None:
        wanted = operation.word("document-format")
        if wanted and wanted not in self.identity.formats:
            raise Rejected(Status.FORMAT_NOT_SUPPORTED, wanted, (attribute("document-format", Tag.MIME, wanted),))
        packed = operation.word("compression")
        if packed and packed not in COMPRESSIONS:
            raise Rejected(Status.COMPRESSION_NOT_SUPPORTED, packed, (attribute("compression", Tag.KEYWORD, packed),))

    def _validate_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del now, document
        self._check_job(operation, request)
        return []

    def _create_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del document
        job = self._new_job(now, operation, request)
        return [self._job_group(now, job, ("job-id", "job-uri", "job-state", "job-state-reasons"))]

    def _print_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        self._check_job(operation, request)
        plain = _plain(operation, document)
        job = self._new_job(now, operation, request)
        self._take_document(job, operation, plain)
        self.engine.close_job(job)
        self.engine.update(now)
        return [self._job_group(now, job, ("job-id", "job-uri", "job-state", "job-state-reasons"))]

    def _new_job(self, now: float, operation: Group, request: Message) -> Job:
        self._check_job(operation, request)
        name = operation.word("job-name") or operation.word("document-name") or "untitled"
        job = self.engine.new_job(now, name[:255], operation.word("requesting-user-name")[:255] or "anonymous")
        template = request.group(Tag.JOB)
        bad = {a.name for a in unsupported(self.identity, template)}
        job.template = {a.name: a for a in template.attributes if a.name in JOB_TEMPLATE and a.name not in bad}
        job.copies = template.number("copies") or 1 if "copies" in job.template else 1
        job.held = template.word("job-hold-until") not in ("", "no-hold")
        return job

    def _take_document(self, job: Job, operation: Group, document: bytes) -> None:
        job.document = document
        job.document_format = operation.word("document-format") or self.identity.formats[0]
        job.documents += 1
        job.pages = self._count(document, job.document_format)

    def _send_document(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request
        last = operation.flag("last-document")
        if last is None:
            raise Rejected(Status.BAD_REQUEST, "last-document is missing")
        job = self._job(operation)
        if job.complete or job.over:
            raise Rejected(Status.NOT_POSSIBLE, "the job takes no more documents")
        self._check_format(operation)
        if document and job.documents:
            raise Rejected(Status.MULTIPLE_DOCUMENTS, "one document a job")
        if document:
            self._take_document(job, operation, _plain(operation, document))
        if last:
            self.engine.close_job(job)
            self.engine.update(now)
        return [self._job_group(now, job, ("job-id", "job-uri", "job-state", "job-state-reasons"))]

    def _cancel_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request, document
        job = self._job(operation)
        if job.over or job.cancel_at is not None:
            raise Rejected(Status.NOT_POSSIBLE, "the job is over or being cancelled")
        self.engine.cancel(now, job)
        return []

    def _cancel_my_jobs(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        """PWG 5100.11, 5.2: the named jobs, or all, of the asking user; all or nothing."""
        del request, document
        user = operation.word("requesting-user-name") or "anonymous"
        wanted = [i for i in operation.all("job-ids") if isinstance(i, int)]
        jobs = [j for j in self.engine.waiting() if not wanted or j.id in wanted]
        if len(jobs) < len(set(wanted)) or any(j.user != user for j in jobs if wanted):
            raise Rejected(Status.NOT_POSSIBLE, "a job that is over, unknown or somebody else's is named")
        for job in [j for j in jobs if j.user == user]:
            self.engine.cancel(now, job)
        return []

    def _close_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        """PWG 5100.11, 5.3: no more documents come; a job without one is given up."""
        del request, document
        job = self._job(operation)
        if job.over:
            raise Rejected(Status.NOT_POSSIBLE, "the job is over")
        if not job.complete:
            self.engine.close_job(job)
            self.engine.update(now)
        return []

    def _hold_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del now, request, document
        job = self._job(operation)
        if job.state not in (JobState.PENDING, JobState.HELD):
            raise Rejected(Status.NOT_POSSIBLE, "the job is on the paper path or over")
        self.engine.hold(job, True)
        return []

    def _release_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request, document
        job = self._job(operation)
        if job.over:
            raise Rejected(Status.NOT_POSSIBLE, "the job is over")
        if job.held:
            self.engine.hold(job, False)
            self.engine.update(now)
        return []

    def _get_job(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request, document
        return [self._job_group(now, self._job(operation), operation.words("requested-attributes") or ("all",))]

    def _get_jobs(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request, document
        which = operation.word("which-jobs") or "not-completed"
        if which not in ("completed", "not-completed", "all"):
            at_fault = (attribute("which-jobs", Tag.KEYWORD, which),)
            raise Rejected(Status.ATTRIBUTES_NOT_SUPPORTED, "which-jobs", at_fault)
        jobs = [j for j in self.engine.jobs.values() if which == "all" or j.over == (which == "completed")]
        if which == "completed":
            jobs.reverse()  # newest first (RFC 8011, 4.2.6.2)
        if operation.flag("my-jobs"):
            jobs = [j for j in jobs if j.user == (operation.word("requesting-user-name") or "anonymous")]
        limit = operation.number("limit")
        wanted = operation.words("requested-attributes") or ("job-id", "job-uri")
        return [self._job_group(now, j, wanted) for j in jobs[: limit if limit and limit > 0 else None]]

    def _get_printer(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del request, document
        wanted = operation.words("requested-attributes") or ("all",)
        found = printer_attributes(self.engine, self.identity, self.operations, now)
        return [Group(Tag.PRINTER, tuple(a for a in found if "all" in wanted or _listed(a.name, wanted)))]

    def _pause(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del operation, request, document
        self.engine.paused = True
        self.engine.update(now)
        return []

    def _resume(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del operation, request, document
        self.engine.paused = False
        self.engine.update(now)
        return []

    def _identify(self, now: float, operation: Group, request: Message, document: bytes) -> list[Group]:
        del now, operation, request, document
        self.identified += 1
        return []

    def _job(self, operation: Group) -> Job:
        """The job that job-id or the end of job-uri names."""
        job_id = operation.number("job-id")
        if job_id is None:
            tail = operation.word("job-uri").rpartition("/")[2]
            if not (tail.isdecimal() and len(tail) < 10):
                raise Rejected(Status.BAD_REQUEST, "job-id is missing")
            job_id = int(tail)
        job = self.engine.jobs.get(job_id)
        if job is None:
            raise Rejected(Status.NOT_FOUND, f"no job {job_id}")
        return job

    def _job_group(self, now: float, job: Job, wanted: tuple[str, ...]) -> Group:
        found = job_attributes(self.engine, self.identity, job, now)
        return Group(Tag.JOB, tuple(a for a in found if "all" in wanted or _listed(a.name, wanted)))


def _plain(operation: Group, document: bytes) -> bytes:
    try:
        return unpacked(document, operation.word("compression") or "none")
    except PackedWrong as error:
        raise Rejected(Status.COMPRESSION_ERROR, str(error)) from error


def _listed(name: str, wanted: tuple[str, ...]) -> bool:
    if name in wanted:
        return True
    template = name in JOB_TEMPLATE or name.endswith(("-default", "-supported", "-ready"))
    if "job-template" in wanted and template:
        return True
    described = name in JOB_DESCRIPTION or not template
    return described and ("job-description" in wanted or "printer-description" in wanted)
