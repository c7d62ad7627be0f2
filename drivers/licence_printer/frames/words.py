"""An IPP message in words, for the wire view, recordings and logs; names of people, jobs and documents left out."""

from __future__ import annotations

from drivers.licence_printer.frames.codes import Operation, Tag, status_name
from drivers.licence_printer.frames.message import Message


def request_words(message: Message) -> str:
    """The operation and its job."""
    try:
        name = Operation(message.code).name.replace("_", "-").title()
    except ValueError:
        name = f"operation 0x{message.code:04x}"
    job_id = message.group(Tag.OPERATION).number("job-id")
    return f"{name}{f' of job {job_id}' if job_id else ''} (request {message.request_id})"


def response_words(message: Message) -> str:
    """The status, jobs and the printer's state."""
    words = [status_name(message.code)]
    for group in message.groups_of(Tag.JOB)[:5]:
        reasons = " ".join(group.words("job-state-reasons"))
        words.append(f"job {group.number('job-id')} state {group.number('job-state')} {reasons}".strip())
    state = message.group(Tag.PRINTER).number("printer-state")
    if state is not None:
        words.append(f"printer state {state} {' '.join(message.group(Tag.PRINTER).words('printer-state-reasons'))}")
    return "; ".join(words)
