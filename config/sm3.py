"""The SM3 hash (GB/T 32905-2016): OpenSSL's where it has one, else GmSSL's."""

from __future__ import annotations

import hashlib


def sm3(data: bytes) -> bytes:
    """The digest of `data`, 32 octets."""
    try:
        return hashlib.new("sm3", data).digest()
    except ValueError:  # this OpenSSL was built without it
        from gmssl_pyx import sm3_hash

        return bytes(sm3_hash(data))
