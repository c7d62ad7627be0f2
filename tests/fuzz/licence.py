"""IPP messages from octets, and the reports that the driver makes of them."""

from __future__ import annotations

from contextlib import suppress

from drivers.licence_printer.frames import Feed, IppError, Tag, decode, decode_with_document, encode
from drivers.licence_printer.reports import read_jobs, read_printer


def messages(data: bytes) -> None:
    """A message, or a named error, the same in any pieces; encoded again it is the same message."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    try:
        message, document = decode_with_document(stream)
    except IppError:
        message = None
    feed = Feed()
    with suppress(IppError):
        for at in range(0, len(stream), step):
            feed.feed(stream[at : at + step])
        assert feed.message == message
        assert len(feed._have) <= len(stream)
    if message is None:
        assert feed.message is None
        return
    assert feed.rest == document
    read_printer(message.group(Tag.PRINTER)).status()
    read_jobs(message.groups)
    with suppress(IppError):
        octets = encode(message, document)
        assert decode(octets) == message
