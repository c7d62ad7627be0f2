"""Documents that come packed: the `compression` attribute of IPP (RFC 8011, 5.4.32), unpacked under a cap."""

from __future__ import annotations

import zlib

MAX_UNPACKED = 128 << 20
# name -> zlib's window bits, in the order to try: "deflate" is raw (RFC 1951), but some senders wrap it (RFC 1950)
COMPRESSIONS: dict[str, tuple[int, ...]] = {"none": (), "deflate": (-15, 15), "gzip": (31,)}


class PackedWrong(ValueError):
    """The octets are not what the compression says, or grow beyond the cap."""


def unpacked(document: bytes, compression: str) -> bytes:
    """`document` as it was before packing. Raises `PackedWrong`."""
    windows = COMPRESSIONS.get(compression)
    if windows is None:
        raise PackedWrong(f"compression {compression!r}; known are {', '.join(COMPRESSIONS)}")
    if not windows or not document:
        return document
    for window in windows:
        reader = zlib.decompressobj(window)
        try:
            plain = reader.decompress(document, MAX_UNPACKED)
        except zlib.error:
            continue
        if reader.eof:
            return plain
    raise PackedWrong(f"{len(document)} octets that are no whole {compression}, or more than {MAX_UNPACKED} in it")
