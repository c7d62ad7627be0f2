"""Every input that fuzzing ever kept, through its harness: no crash, no hang. Needs no atheris."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.fuzz.harnesses import HARNESSES

CORPUS = Path(__file__).parent / "corpus"
EDGES = (b"", b"\0", b"\xff" * 64, bytes(range(256)), b"\xaa\xaa\xaa\x96\x69" * 40, b"\x10\x02\x10\x03" * 40)


@pytest.mark.parametrize("name", HARNESSES)
def test_replay(name: str) -> None:
    files = sorted((CORPUS / name).iterdir())
    assert files, "no corpus; run make fuzz"
    assert len(files) <= 400
    for path in files:
        began = time.monotonic()
        try:
            HARNESSES[name](path.read_bytes())
        except Exception as error:
            error.add_note(f"input {path.relative_to(CORPUS)}")
            raise
        assert time.monotonic() - began < 5, f"{path.name} takes too long"
    for data in EDGES:
        HARNESSES[name](data)


def test_every_corpus_has_its_harness() -> None:
    assert {path.name for path in CORPUS.iterdir()} == set(HARNESSES)


@pytest.mark.parametrize("name", HARNESSES)
def test_a_megabyte_of_the_worst_takes_seconds_and_not_minutes(name: str) -> None:
    """Noise that looks like the start of a frame over and over: work grows with the length, not with its square."""
    starts = {
        "id-card-frames": b"\x3f" + b"\xaa\x96\x69\x0b\xbc" * 40_000,
        "zvt-line": b"\x3f" + b"\x10\x02\x06" * 60_000,
        "zvt-units": b"\x3f" + b"\x06\x0f\x00" * 60_000,
        "receipt-commands": b"\x3f" + b"\x1dk\x00" * 60_000,
        "receipt-replies": b"\x3f\x37" + b"\x10\x37" * 90_000,
        "ipp-messages": b"\x3f\x02\x00\x00\x0b\x00\x00\x00\x01\x04" + b"\x44\x00\x01a\x00\x01b" * 20_000,
    }
    data = starts.get(name, b"\x00" * 100_000)
    began = time.monotonic()
    HARNESSES[name](data)
    assert time.monotonic() - began < 20
