"""SM3 and SM2 against the numbers in the standards (GB/T 32905-2016, A; GM/T 0003.5-2012, A.2)."""

from __future__ import annotations

import pytest

from config import sm2
from config.sm3 import sm3

PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
MESSAGE = b"message digest"
PAIR = sm2.KeyPair(PRIVATE, PUBLIC)


@pytest.mark.oracle
@pytest.mark.parametrize(
    ("message", "digest"),
    [
        (b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
        (b"abcd" * 16, "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"),
    ],
)
def test_sm3_as_the_standard_has_it(message: bytes, digest: str) -> None:
    assert sm3(message).hex() == digest


@pytest.mark.oracle
def test_sm2_as_the_standard_has_it() -> None:
    assert sm2.verify(PUBLIC, MESSAGE, SIGNATURE)


@pytest.mark.parametrize("at", [0, 31, 32, 63])
def test_one_bit_elsewhere_is_no_signature(at: int) -> None:
    broken = bytearray(SIGNATURE)
    broken[at] ^= 1
    assert not sm2.verify(PUBLIC, MESSAGE, bytes(broken))
    assert not sm2.verify(PUBLIC, MESSAGE + b".", SIGNATURE)
    assert not sm2.verify(PUBLIC, MESSAGE, SIGNATURE, user=b"somebody else")


@pytest.mark.parametrize(
    "signature",
    [
        b"",
        SIGNATURE[:-1],
        SIGNATURE + b"\0",
        bytes(64),
        SIGNATURE[:32] + bytes(32),
        bytes(32) + SIGNATURE[32:],
        sm2.N.to_bytes(32, "big") + SIGNATURE[32:],
        SIGNATURE[:32] + (sm2.N - int.from_bytes(SIGNATURE[:32], "big")).to_bytes(32, "big"),  # r + s = n
        b"\xff" * 64,
    ],
)
def test_numbers_out_of_their_range_are_no_signature(signature: bytes) -> None:
    assert not sm2.verify(PUBLIC, MESSAGE, signature)


@pytest.mark.parametrize("key", [b"", PUBLIC[:-1], b"\x04" + PUBLIC, bytes(64), PUBLIC[:-1] + b"\x14", b"\xff" * 64])
def test_a_key_that_is_none_is_an_error(key: bytes) -> None:
    with pytest.raises(sm2.KeyUnfit):
        sm2.verify(key, MESSAGE, SIGNATURE)


@pytest.mark.parametrize("private", [bytes(32), b"", PRIVATE[:-1], *((sm2.N + n).to_bytes(32, "big") for n in (-1, 0))])
def test_a_private_key_out_of_range_is_an_error(private: bytes) -> None:
    with pytest.raises(sm2.KeyUnfit):
        sm2.KeyPair(private, PUBLIC)


def test_a_private_key_is_never_shown() -> None:
    assert PRIVATE.hex() not in repr(PAIR)
    assert str(PRIVATE) not in repr(PAIR)


def test_a_message_without_bound_is_not_hashed() -> None:
    long = b"x" * (sm2.MAX_MESSAGE + 1)
    assert not sm2.verify(PUBLIC, long, sm2.sign(PAIR, long))


def test_signing_again_gives_another_signature_and_another_key_does_not_verify() -> None:
    """The standard's nonce is fresh each time: two signatures with one nonce give the key away."""
    first, again = sm2.sign(PAIR, b"once"), sm2.sign(PAIR, b"once")
    assert first[:32] != again[:32]
    assert sm2.verify(PUBLIC, b"once", first)
    assert sm2.verify(PUBLIC, b"once", again)
    other = sm2.generate()
    assert not sm2.verify(other.public, b"once", first)
    assert sm2.verify(other.public, b"once", sm2.sign(other, b"once"))


def test_without_openssl_s_sm3_gmssl_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise ValueError("unsupported hash type sm3")

    monkeypatch.setattr("config.sm3.hashlib.new", none)
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
