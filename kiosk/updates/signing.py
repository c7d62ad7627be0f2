"""At the publisher's desk: a manifest completed and signed. Never on a terminal."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kiosk.platform.signing import canonical
from kiosk.updates.manifest import MAX_BYTES, BadManifest, read_manifest


class CannotSign(Exception):
    """The manifest, a file of it or the key is not usable; the message says which and why."""


def signed_manifest(path: Path, key_file: Path, folder: Path) -> tuple[str, bytes]:
    """(file name, content) of the manifest at `path` with sizes and hashes of its files in `folder`.

    Raises `CannotSign`.
    """
    try:
        if key_file.stat().st_mode & 0o077:
            raise CannotSign(f"{key_file}: readable by others; chmod 600")
        key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(key_file.read_text(encoding="ascii").strip()))
        tree = json.loads(path.read_bytes()[:MAX_BYTES])
        for each in tree["files"]:
            with (folder / each["name"]).open("rb") as file:
                each["sha256"] = hashlib.file_digest(file, "sha256").hexdigest()
            each["size"] = (folder / each["name"]).stat().st_size
        data = json.dumps({**tree, "signature": key.sign(canonical(tree)).hex()}, ensure_ascii=False, indent=1).encode()
        made = read_manifest(data, key.public_key().public_bytes_raw().hex())
    except OSError as error:
        raise CannotSign(f"{error.filename}: {error.strerror}") from error
    except BadManifest as error:
        raise CannotSign(f"{path}: {error}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CannotSign(
            f"{path} or {key_file}: {type(error).__name__}: expected JSON with `files`, and a key"
        ) from error
    return f"{made.channel}.json", data
