"""ZVT from bytes: units, fields, TLV containers, and the serial line with its CRC and its acknowledgements."""

from __future__ import annotations

from contextlib import suppress

from drivers.payment_pad.frames import (
    FIRST_ID,
    MAX_DATA,
    Apdu,
    ApduReader,
    Deframer,
    FrameError,
    LineFailed,
    NumberedLine,
    Registration,
    SerialLine,
    StatusInformation,
    TcpLine,
    Token,
    decode_answer,
    decode_apdu,
    decode_command,
    describe,
    fields,
    find_all,
    frame,
    issued_part,
    last_four,
    mask_text,
    number_of,
    numbered,
    pack,
    positive,
    walk_tlv,
)

CONTAINER = 0x06


def units(data: bytes) -> None:
    """Any stream of units: the same in any pieces (but for the pad that forgets its length byte), each describable."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    expected, whole_error = _units(stream, len(stream) or 1)
    found, error = _units(stream, step)
    assert len(found) <= len(stream) // 3
    if not any(unit.cut for unit in (*expected, *found)):
        assert found[: len(expected)] == expected[: len(found)], "pieces matter"
        assert whole_error or error or found == expected
    for unit in found:
        assert len(unit.data) <= max(MAX_DATA, len(stream))
        if not unit.cut:
            assert decode_apdu(unit.encode()) == unit
        said(unit)


def _units(stream: bytes, step: int) -> tuple[list[Apdu], bool]:
    reader, found = ApduReader(), []
    try:
        for at in range(0, len(stream), step):
            found += reader.feed(stream[at : at + step])
    except FrameError:
        return found, True
    return found, False


def said(unit: Apdu) -> None:
    """A unit decoded both as an answer and as a command."""
    assert describe(unit)
    with suppress(FrameError):
        answer = decode_answer(unit)
        if isinstance(answer, StatusInformation):
            assert answer.is_payment in (True, False)
            assert len(answer.card) <= 8
    with suppress(FrameError):
        decode_command(unit)
    with suppress(FrameError):
        issued_part(unit)
    number = number_of(unit)
    if number is not None and not unit.cut:
        assert 0 <= number <= 999_999
    for charset in ("latin-1", "utf-8"):
        with suppress(FrameError):
            decode_answer(unit, charset)


def answers(data: bytes) -> None:
    """The content of one unit whose control the first byte chooses, so that depth is reached at once."""
    controls = (
        0x040F,
        0x04FF,
        0x060F,
        0x061E,
        0x06D1,
        0x06D3,
        0x0600,
        0x0601,
        0x0630,
        0x0631,
        0x0620,
        0x0623,
        0x0622,
        0x0624,
        0x0625,
        0x0501,
        0x849D,
    )
    if not data:
        return
    unit = Apdu(controls[data[0] % len(controls)], data[1:])
    assert len(numbered(unit, 4711).data) >= len(unit.data)
    for cut in (False, True):
        said(Apdu(controls[data[0] % len(controls)], data[1:], cut))
    with suppress(FrameError):
        found = {number: value for number, value in fields(data[1:]).items() if number != CONTAINER}
        with suppress(FrameError):
            assert fields(pack(found.items())) == found
    with suppress(FrameError):
        assert sum(len(item.value) for item in walk_tlv(data[1:])) <= len(data)
    assert sum(1 for _ in find_all(data[1:], 0x07)) <= len(data)
    text = data.decode("cp437")
    assert len(mask_text(text)) <= len(text)
    assert len(last_four(data.hex())) <= 8


def numbers(data: bytes) -> None:
    """Two numbered ends over any units, some of them twice: each is passed on once, and both go on."""
    host, pad = NumberedLine(TcpLine()), NumberedLine(TcpLine(), host=False)
    host.send(0.0, Registration(0xBE, 156, tags=FIRST_ID).apdu())
    pad.receive(0.0, host.out())
    pad.send(0.0, positive())
    host.receive(0.0, pad.out())
    assert host.active
    assert pad.active
    for at in range(0, min(len(data), 400), 8):
        piece = data[at : at + 8]
        ends = (host, pad) if piece[0] & 1 else (pad, host)
        ends[0].send(0.0, Apdu(0x06D1 if piece[0] & 2 else 0x8000, piece[1:]))
        wire = ends[0].out()
        heard = ends[1].receive(0.0, wire)
        assert len(heard) == (0 if piece[0] & 2 == 0 and not heard else 1)
        if piece[0] & 2:
            assert ends[1].receive(0.0, wire) == []
            assert len(ends[1].out()) <= len(wire) + 64


def line(data: bytes) -> None:
    """The serial line as a script: pieces of noise and whole frames, time that passes, and it never queues for ever."""
    step, stream = 1 + (data[0] if data else 0) % 64, data[1:]
    whole, pieces = Deframer(), Deframer()
    expected = whole.feed(stream)
    found = [token for at in range(0, len(stream), step) for token in pieces.feed(stream[at : at + step])]
    assert found == expected, "pieces matter"
    for token in found:
        if isinstance(token, bytes):
            assert frame(token)[2:-4] in stream or token == b""
    serial, now = SerialLine(), 0.0
    try:
        for at in range(0, min(len(stream), 2000), step):
            piece = stream[at : at + step]
            if piece[0] % 5 == 0:
                serial.send(now, positive())
            for unit in serial.receive(now, piece):
                said(unit)
            for unit in serial.receive(now, frame(Apdu(0x060F, piece).encode())):
                said(unit)
            assert len(serial.out()) <= 4096
            now += (piece[-1] % 7) / 10
            if serial.wake_at is not None and now >= serial.wake_at:
                serial.wake(now)
    except LineFailed:
        return
    assert all(isinstance(token, bytes | Token) for token in found)
