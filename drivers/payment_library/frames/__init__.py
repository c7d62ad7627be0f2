"""The fixed fields that a bank's library takes and gives (UnionPay MIS style, `bankall(req, resp)`). Pure, both ways.

Source: public integration notes of posinf.dll. Lengths count bytes: the text is GBK, whose characters have one or two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from drivers.errors import ProtocolError

REQUEST: Final[Mapping[str, tuple[int, int]]] = {
    "pos": (0, 8), "operator": (8, 16), "type": (16, 18), "fen": (18, 30), "date": (30, 38),
    "reference": (38, 50), "voucher": (50, 56), "echo": (56, 59),
}  # fmt: skip
REQUEST_BYTES: Final = 59
INDUSTRY_BYTES: Final = 100
ANSWER: Final[Mapping[str, tuple[int, int]]] = {
    "code": (0, 2), "bank": (2, 6), "card": (6, 26), "voucher": (26, 32), "fen": (32, 44), "text": (44, 84),
    "merchant": (84, 99), "terminal": (99, 107), "batch": (107, 113), "date": (113, 117), "time": (117, 123),
    "reference": (123, 135), "approval": (135, 141), "settled": (141, 145), "echo": (145, 148),
}  # fmt: skip
ANSWER_BYTES: Final = 148
MAX_ANSWER_BYTES: Final = 4096
APPROVED: Final = "00"
MAX_FEN: Final = 10**12 - 1

SALE, VOID, REFUND, REPRINT, SIGN_IN, SETTLE = "00", "01", "02", "04", "05", "06"
PRE_AUTH, COMPLETE, PRE_AUTH_VOID, COMPLETE_VOID = "21", "23", "25", "26"
WORDS: Final[Mapping[str, str]] = {
    SALE: "sale", VOID: "void", REFUND: "refund", REPRINT: "reprint", SIGN_IN: "sign-in", SETTLE: "settle",
    PRE_AUTH: "pre-authorisation", COMPLETE: "completion", "24": "completion by hand",
    PRE_AUTH_VOID: "void of a pre-authorisation", COMPLETE_VOID: "void of a completion",
}  # fmt: skip


class WrongEcho(ProtocolError):
    """The answer belongs to another request: the three digits differ."""

    cause = "wrong-echo"


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `date` yyyymmdd and `reference` name the original of a refund, `voucher` that of a void."""

    pos: str
    operator: str
    type: str
    echo: str
    fen: int = 0
    date: str = ""
    reference: str = ""
    voucher: str = ""

    def encode(self, industry: bool = False) -> bytes:
        """59 bytes of ASCII, with 100 blanks more where the library wants industry data. Raises `ValueError`."""
        if not 0 <= self.fen <= MAX_FEN or len(self.echo) != 3 or not self.echo.isdecimal() or self.type not in WORDS:
            raise ValueError(f"a request of type {self.type!r}, {self.fen} fen, echo {self.echo!r}")
        words = {
            "pos": self.pos, "operator": self.operator, "type": self.type, "fen": f"{self.fen:012d}",
            "date": self.date, "reference": self.reference, "voucher": self.voucher, "echo": self.echo,
        }  # fmt: skip
        out = bytearray(b" " * REQUEST_BYTES)
        for name, (start, end) in REQUEST.items():
            field = words[name].encode("ascii")
            if len(field) > end - start or not all(0x20 <= byte < 0x7F for byte in field):
                raise ValueError(f"{name}: {len(field)} characters; at most {end - start} of printable ASCII")
            out[start : start + len(field)] = field
        return bytes(out) + (b" " * INDUSTRY_BYTES if industry else b"")

    @classmethod
    def decode(cls, data: bytes) -> Request:
        """The request of its bytes. Raises `ProtocolError`."""
        if len(data) not in (REQUEST_BYTES, REQUEST_BYTES + INDUSTRY_BYTES) or not data.isascii():
            raise ProtocolError(f"a request of {len(data)} bytes, {REQUEST_BYTES} are one")
        words = {name: data[start:end].decode("ascii").rstrip() for name, (start, end) in REQUEST.items()}
        if not words["fen"].isdecimal() or words["type"] not in WORDS:
            raise ProtocolError("a request without an amount or of an unknown type")
        fen = int(words.pop("fen"))
        return cls(**words, fen=fen)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the library gave. `card` keeps its last four digits only; `fen` None where the field is empty."""

    code: str
    echo: str
    text: str = ""
    bank: str = ""
    card: str = ""
    voucher: str = ""
    fen: int | None = None
    merchant: str = ""
    terminal: str = ""
    batch: str = ""
    date: str = ""
    time: str = ""
    reference: str = ""
    approval: str = ""
    settled: str = ""

    @property
    def approved(self) -> bool:
        """The bank said yes."""
        return self.code == APPROVED

    @classmethod
    def decode(cls, data: bytes, echo: str) -> Answer:
        """The answer to the request with `echo`. Raises `WrongEcho`, `ProtocolError`; no message holds its content."""
        if not ANSWER_BYTES <= len(data) <= MAX_ANSWER_BYTES:
            raise ProtocolError(f"an answer of {len(data)} bytes; {ANSWER_BYTES} are one")
        raw = {name: data[start:end] for name, (start, end) in ANSWER.items()}
        if raw["echo"] != echo.encode("ascii"):
            raise WrongEcho("the library answered another request than ours (the three digits differ)")
        text = raw.pop("text").rstrip(b" \0").decode("gbk", "replace")
        words = {name: _word(name, field) for name, field in raw.items()}
        card, fen = words.pop("card"), words.pop("fen")
        if fen and not fen.isdecimal():
            raise ProtocolError("an answer whose amount is no number")
        return cls(**words, text=text, card=_masked(card), fen=int(fen) if fen else None)

    def encode(self) -> bytes:
        """148 bytes, for whoever plays the library. Text is cut to 40 bytes of GBK at a whole character."""
        out = bytearray(b" " * ANSWER_BYTES)
        text = self.text.encode("gbk", "replace")[:40].decode("gbk", "ignore").encode("gbk")
        fields = {name: str(getattr(self, name)).encode("ascii") for name in ANSWER if name not in ("text", "fen")}
        fields |= {"text": text, "fen": b"" if self.fen is None else b"%012d" % self.fen}
        for name, (start, end) in ANSWER.items():
            if len(fields[name]) > end - start:
                raise ValueError(f"{name}: {len(fields[name])} bytes; at most {end - start}")
            out[start : start + len(fields[name])] = fields[name]
        return bytes(out)


def _word(name: str, field: bytes) -> str:
    word = field.strip(b" \0")
    if not all(0x20 <= byte < 0x7F for byte in word):
        raise ProtocolError(f"an answer whose field {name} is no printable ASCII")
    return word.decode("ascii")


def _masked(card: str) -> str:
    tail = card[-4:]
    return "*" * max(0, len(card) - 4) + tail if tail.isdecimal() and len(card) > 4 else ""
