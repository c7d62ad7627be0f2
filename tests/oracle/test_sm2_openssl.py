"""SM3 and SM2 against OpenSSL's command line: both sign, both verify."""

from __future__ import annotations

import base64
import random
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from config import sm2
from config.sm3 import sm3

OPENSSL = shutil.which("openssl") or ""
pytestmark = [pytest.mark.oracle, pytest.mark.skipif(not OPENSSL, reason="openssl is not installed")]
PAIR = sm2.KeyPair(
    bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"),
    bytes.fromhex(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    ),
)
USER = ["-pkeyopt", "distid:1234567812345678"]
_POINT_OF_PKCS8 = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d03420004")
"""SubjectPublicKeyInfo up to the point: id-ecPublicKey, curve 1.2.156.10197.1.301, uncompressed."""


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    done = subprocess.run([OPENSSL, *arguments], input=data, capture_output=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def pem(kind: str, der: bytes) -> bytes:
    return f"-----BEGIN {kind}-----\n{base64.encodebytes(der).decode()}-----END {kind}-----\n".encode()


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    """The key pair as OpenSSL reads it."""
    public, private = tmp_path / "public.pem", tmp_path / "private.pem"
    public.write_bytes(pem("PUBLIC KEY", _POINT_OF_PKCS8 + PAIR.public))
    body = bytes.fromhex("0201010420") + PAIR.private + bytes.fromhex("a00a06082a811ccf5501822da144034200")
    sec1 = body + b"\x04" + PAIR.public
    private.write_bytes(pem("EC PRIVATE KEY", b"\x30" + bytes([len(sec1)]) + sec1))
    return private, public


def test_sm3_of_every_length_around_a_block() -> None:
    draw = random.Random(3)
    for length in (0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 1000):
        message = draw.randbytes(length)
        assert openssl("dgst", "-sm3", "-binary", data=message) == sm3(message), length


def test_openssl_verifies_what_we_sign(keys: tuple[Path, Path], tmp_path: Path) -> None:
    message, signature = tmp_path / "message", tmp_path / "signature"
    for number in range(4):
        message.write_bytes(f"WHC2/SM2/{number}".encode())
        made = sm2.sign(PAIR, message.read_bytes())
        r, s = int.from_bytes(made[:32], "big"), int.from_bytes(made[32:], "big")
        signature.write_bytes(encode_dss_signature(r, s))
        said = openssl(
            *("pkeyutl", "-verify", "-rawin", "-digest", "sm3", *USER),
            *("-pubin", "-inkey", str(keys[1]), "-in", str(message), "-sigfile", str(signature)),
        )
        assert b"Verified Successfully" in said


def test_we_verify_what_openssl_signs(keys: tuple[Path, Path], tmp_path: Path) -> None:
    message = tmp_path / "message"
    for number in range(4):
        message.write_bytes(f"WHC2/SM2/{number}".encode())
        made = openssl(
            *("pkeyutl", "-sign", "-rawin", "-digest", "sm3", *USER, "-inkey", str(keys[0]), "-in", str(message))
        )
        r, s = decode_dss_signature(made)
        raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        assert sm2.verify(PAIR.public, message.read_bytes(), raw)
        assert not sm2.verify(PAIR.public, message.read_bytes() + b"!", raw)
