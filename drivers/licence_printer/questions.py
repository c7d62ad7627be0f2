"""The requests that the terminal sends: each a `Message` in the order that RFC 8011, 4.1.4 and 4.1.5 demand."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drivers.licence_printer.frames import Attribute, Group, Message, Operation, Tag, attribute

A4 = "iso_a4_210x297mm"
PRINTER_WANTED = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-uuid",
    "printer-make-and-model",
    "printer-device-id",
    "printer-name",
    "printer-firmware-name",
    "printer-firmware-string-version",
    "printer-serial-number",
    "operations-supported",
    "document-format-supported",
    "media-supported",
    "media-ready",
    "printer-input-tray",
    "print-scaling-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-type-supported",
    "ipp-versions-supported",
)
STATE_WANTED = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "printer-up-time",
    "printer-uuid",
    "media-ready",
    "printer-input-tray",
)
JOB_WANTED = (
    "job-id",
    "job-name",
    "job-state",
    "job-state-reasons",
    "job-state-message",
    "job-impressions-completed",
    "job-media-sheets-completed",
    "number-of-documents",
)


@dataclass(slots=True)
class Questions:
    """Builds requests to one printer, with fresh request ids. `user` is what my-jobs is matched by."""

    uri: str
    user: str
    version: tuple[int, int] = (2, 0)
    last_id: int = 0

    def printer(self, wanted: Iterable[str] = PRINTER_WANTED) -> Message:
        """Get-Printer-Attributes."""
        return self._message(Operation.GET_PRINTER_ATTRIBUTES, [_wanted(wanted)])

    def validate(self, media: str, document_format: str, *, unscaled: bool) -> Message:
        """Validate-Job for one single-sided copy, nothing substituted."""
        fidelity = [attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True)]
        named = attribute("document-format", Tag.MIME, document_format)
        return self._message(Operation.VALIDATE_JOB, [*fidelity, named], _template(media, unscaled))

    def create(self, job_name: str, media: str, *, unscaled: bool) -> Message:
        """Create-Job for one single-sided copy, nothing substituted."""
        extra = [
            attribute("job-name", Tag.NAME, job_name),
            attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True),
        ]
        return self._message(Operation.CREATE_JOB, extra, _template(media, unscaled))

    def print_job(self, job_name: str, media: str, document_format: str, *, unscaled: bool) -> Message:
        """Print-Job: Create-Job and Send-Document in one, for printers without those."""
        extra = [
            attribute("job-name", Tag.NAME, job_name),
            attribute("ipp-attribute-fidelity", Tag.BOOLEAN, True),
            attribute("document-format", Tag.MIME, document_format),
        ]
        return self._message(Operation.PRINT_JOB, extra, _template(media, unscaled))

    def send_document(self, job_id: int, job_name: str, document_format: str) -> Message:
        """Send-Document, the only and last one of the job."""
        extra = [
            attribute("document-name", Tag.NAME, job_name),
            attribute("document-format", Tag.MIME, document_format),
            attribute("last-document", Tag.BOOLEAN, True),
        ]
        return self._message(Operation.SEND_DOCUMENT, extra, job_id=job_id)

    def job(self, job_id: int) -> Message:
        """Get-Job-Attributes."""
        return self._message(Operation.GET_JOB_ATTRIBUTES, [_wanted(JOB_WANTED)], job_id=job_id)

    def jobs(self, which: str, limit: int = 200) -> Message:
        """Get-Jobs, ours only; `which` is completed or not-completed."""
        extra = [
            attribute("limit", Tag.INTEGER, limit),
            _wanted(JOB_WANTED),
            attribute("which-jobs", Tag.KEYWORD, which),
            attribute("my-jobs", Tag.BOOLEAN, True),
        ]
        return self._message(Operation.GET_JOBS, extra)

    def cancel(self, job_id: int) -> Message:
        """Cancel-Job."""
        return self._message(Operation.CANCEL_JOB, [], job_id=job_id)

    def _message(
        self, operation: Operation, extra: list[Attribute], template: Group | None = None, job_id: int | None = None
    ) -> Message:
        self.last_id = self.last_id % 0x7FFFFFFF + 1
        head = [
            attribute("attributes-charset", Tag.CHARSET, "utf-8"),
            attribute("attributes-natural-language", Tag.LANGUAGE, "en"),
            attribute("printer-uri", Tag.URI, self.uri),
        ]
        if job_id is not None:
            head.append(attribute("job-id", Tag.INTEGER, job_id))
        head.append(attribute("requesting-user-name", Tag.NAME, self.user))
        groups = [Group(Tag.OPERATION, (*head, *extra))]
        if template is not None:
            groups.append(template)
        return Message(operation, self.last_id, tuple(groups), self.version)


def _wanted(names: Iterable[str]) -> Attribute:
    return attribute("requested-attributes", Tag.KEYWORD, *names)


def _template(media: str, unscaled: bool) -> Group:
    attributes = [
        attribute("copies", Tag.INTEGER, 1),
        attribute("sides", Tag.KEYWORD, "one-sided"),
        attribute("media", Tag.KEYWORD, media),
    ]
    if unscaled:
        attributes.append(attribute("print-scaling", Tag.KEYWORD, "none"))
    return Group(Tag.JOB, tuple(attributes))
