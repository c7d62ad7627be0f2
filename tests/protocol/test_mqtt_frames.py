"""MQTT 5 frames against the standard's own examples and, byte for byte, against paho (another author's codec)."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.fleet import mqtt

ORDINARY = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=40)


@pytest.mark.parametrize(
    ("value", "data"),
    [  # OASIS Standard, table 1-1
        (0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (2_097_151, "ffff7f"),
        (2_097_152, "80808001"), (268_435_455, "ffffff7f"),
    ],
)  # fmt: skip
def test_a_length_as_the_standard_writes_it(value: int, data: str) -> None:
    assert mqtt.varint(value).hex() == data
    assert mqtt.read_varint(bytes.fromhex(data), 0) == (value, len(data) // 2)


@pytest.mark.parametrize("data", ["ffffffff7f", "8000"])
def test_a_length_that_is_none(data: str) -> None:
    with pytest.raises(mqtt.MalformedPacket):
        mqtt.read_varint(bytes.fromhex(data), 0)


def test_fixed_packets_as_the_standard_writes_them() -> None:
    assert mqtt.pingreq().hex() == "c000"  # 3.12.1
    assert mqtt.puback(10).hex() == "4002000a"  # 3.4.2.1: reason and properties may be left out
    assert mqtt.disconnect().hex() == "e000"
    # Figure 3-7 (a name "a/b", identifier 10) with an empty list of properties.
    assert mqtt.publish(mqtt.Publish("a/b", b"", 1, packet_id=10)).hex() == "320800" + "03612f62000a00"
    # Figure 3-20 and 3-21: "a/b" and "c/d".
    assert mqtt.subscribe(10, "a/b", qos=1).hex() == "8209000a000003612f6201"


@pytest.mark.oracle
def test_connect_and_publish_byte_for_byte_as_paho_writes_them() -> None:
    from paho.mqtt.client import Client
    from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    client = Client(CallbackAPIVersion.VERSION2, client_id="kiosk-WH-HC-0003", protocol=MQTTProtocolVersion.MQTTv5)
    written: list[bytes] = []
    client._packet_queue = lambda command, packet, mid, qos, info=None: written.append(bytes(packet))  # type: ignore[assignment,misc]
    will = Properties(PacketTypes.WILLMESSAGE)
    will.WillDelayInterval = 5
    client.will_set("kiosk/v1/371002/WH-HC-0003/state", b'{"v":1}', 1, retain=True, properties=will)
    client.username_pw_set("name", "word")
    asked = Properties(PacketTypes.CONNECT)
    asked.SessionExpiryInterval, asked.MaximumPacketSize = 86_400, mqtt.MOST_REMAINING
    client._connect_properties = asked
    client._clean_start = False
    client._sock = object()  # type: ignore[assignment]  # paho writes nothing without one
    client._send_connect(90)
    client._send_publish(7, b"t/1", b"payload", 1, True, True)
    client._sock = None
    ours = mqtt.connect(
        "kiosk-WH-HC-0003", mqtt.Publish("kiosk/v1/371002/WH-HC-0003/state", b'{"v":1}', 1, retain=True),
        will_delay_s=5, user="name", password="word",
    )  # fmt: skip
    assert ours == written[0]
    assert mqtt.publish(mqtt.Publish("t/1", b"payload", 1, True, True, 7)) == written[1]


def test_what_the_broker_says_is_read_byte_by_byte() -> None:
    frames = (
        "2006010003210010" + "200300" + "8700" + "40020007" + "4004000710 00" + "9004 0001 0001" + "d000" + "e0018e"
        + "e0028d00"
    ).replace(" ", "")  # fmt: skip
    wanted = [
        mqtt.Connack(True, 0, 16), mqtt.Connack(False, 0x87), mqtt.Puback(7), mqtt.Puback(7, 0x10),
        mqtt.Suback(1, (1,)), mqtt.Pong(), mqtt.Goodbye(0x8E), mqtt.Goodbye(0x8D),
    ]  # fmt: skip
    reader = mqtt.Reader()
    found = [packet for byte in bytes.fromhex(frames) for packet in reader.feed(bytes([byte]))]
    assert found == wanted


@given(
    ORDINARY,
    st.binary(max_size=300),
    st.booleans(),
    st.booleans(),
    st.integers(0, 65535),
    ORDINARY,
    st.binary(max_size=20),
)
def test_a_message_comes_back_as_it_was(
    topic: str, payload: bytes, retain: bool, dup: bool, number: int, response: str, correlation: bytes
) -> None:
    message = mqtt.Publish(topic, payload, 1 if number else 0, retain, dup, number, response, correlation)
    assert list(mqtt.Reader().feed(mqtt.publish(message))) == [message]


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_a_clear_error(data: bytes) -> None:
    with suppress(mqtt.MalformedPacket):
        assert all(packet is not None for packet in mqtt.Reader().feed(data))


def test_bounds() -> None:
    with pytest.raises(mqtt.MalformedPacket, match="we read"):
        list(mqtt.Reader().feed(b"\x30" + mqtt.varint(mqtt.MOST_REMAINING + 1)))
    with pytest.raises(ValueError, match="QoS 1 with packet id 0"):
        mqtt.publish(mqtt.Publish("a", b"", 1))
    with pytest.raises(ValueError, match="variable byte integer"):
        mqtt.varint(1 << 28)
