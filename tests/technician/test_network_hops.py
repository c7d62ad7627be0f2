"""The way to the platform, hop by hop, against servers on this machine: the first broken hop names the cause."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from bench_tests import Someone
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.load import load_settings
from kiosk.technician.device_tests import declared, hops, neighbours, network, probing, running, table, way

PEM = serialization.Encoding.PEM


def certificates(folder: Path, days: int, begun: int = 400, host: str = "127.0.0.1") -> tuple[Path, Path]:
    """An authority, and a server's certificate with its key that ends in `days`."""
    now = datetime.now(UTC)

    def made(name: str, key: Any, issuer: Any, signer: Any, *, ca: bool) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        ends = now + timedelta(days=3650 if ca else days, hours=1)
        builder = (
            x509.CertificateBuilder(issuer or subject, subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - timedelta(days=begun))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        if not ca:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))])
            builder = builder.add_extension(names, critical=False)
        return builder.sign(signer, hashes.SHA256())

    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = made("city root", root_key, None, root_key, ca=True)
    server = made("platform", key, root.subject, root_key, ca=False)
    (folder / "ca.pem").write_bytes(root.public_bytes(PEM))
    private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.pem").write_bytes(server.public_bytes(PEM) + private)
    return folder / "ca.pem", folder / "server.pem"


@asynccontextmanager
async def server(pem: Path | None = None, *, speaks: bool = True, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """A platform that only knows its health; its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if speaks:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass  # who looked has gone
        finally:
            writer.close()

    context = None
    if pem is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    listening = await asyncio.start_server(answer, host, 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


def ground(url: str, **more: Any) -> declared.Ground:
    settings = load_settings("simulated", (), {"platform.url": url, **more})
    return declared.Ground(settings, {}, Someone(present=False))


async def walked_to(url: str, **more: Any) -> declared.TestResult:
    return await running.run_test(table.BY_ID["network"], ground(url, **more))


async def test_a_well_way_has_a_figure_for_every_hop(tmp_path: Path) -> None:
    ca, pem = certificates(tmp_path, days=90)
    async with server(pem) as port:
        result = await walked_to(f"https://127.0.0.1:{port}", **{"platform.ca": str(ca)})
    assert (result.outcome, result.event) == ("pass", "test.passed"), result
    figures = {figure.id: figure.value for figure in result.figures}
    assert {"hop-address", "hop-connect", "hop-tls", "hop-health"} <= set(figures)
    assert figures["certificate-days"] == 90
    assert all(isinstance(v, float | int) and v < 5000 for v in figures.values())
    async with server() as port:
        assert (await walked_to(f"http://localhost:{port}")).outcome == "pass"


async def test_a_certificate_that_ends_soon_has_ended_or_is_anothers(tmp_path: Path) -> None:
    for days, event in ((9, "network.certificate-ending"), (-1, "platform.certificate")):
        ca, pem = certificates(tmp_path, days)
        async with server(pem) as port:
            result = await walked_to(f"https://127.0.0.1:{port}", **{"platform.ca": str(ca)})
            assert (result.outcome, result.event) == ("fail", event)
            if days < 0:
                assert "expired" in result.sentence("en")
                assert result.cause == "tls"
    _, pem = certificates(tmp_path, 90)
    async with server(pem) as port:  # not vouched for by the machine's authorities
        result = await walked_to(f"https://127.0.0.1:{port}")
    assert result.event == "platform.certificate"
    ca, pem = certificates(tmp_path, 90)
    (tmp_path / "ours.pem").write_text("no certificate")
    ours = {
        "platform.client_certificate": str(tmp_path / "ours.pem"),
        "platform.client_key": str(tmp_path / "ours.pem"),
    }
    async with server(pem) as port:
        result = await walked_to(f"https://127.0.0.1:{port}", **{"platform.ca": str(ca), **ours})
    assert result.event == "platform.our-certificate"


async def test_a_closed_port_and_a_dumb_service_are_the_platforms(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        result = await walked_to(f"http://127.0.0.1:{held.getsockname()[1]}")
    assert (result.event, result.cause) == ("network.service", "connect")
    async with server(speaks=False) as port:
        result = await walked_to(f"http://127.0.0.1:{port}")
    assert (result.event, result.cause) == ("network.service", "health")
    assert "tell the platform" in result.remedy("en")


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(hops.socket, "getaddrinfo", unknown)
    monkeypatch.setattr(hops, "way_to", lambda address: way.Way("eth0", "10.0.0.9", "10.0.0.1"))
    monkeypatch.setattr(hops, "carriers", lambda: {"eth0": True})
    result = await walked_to("https://platform.invalid")
    assert (result.event, result.what) == ("network.names", "platform.invalid")
    # The same failure with the cable out is the cable's.
    monkeypatch.setattr(hops, "carriers", lambda: {"eth0": False})
    assert (await walked_to("https://platform.invalid")).event == "network.cable"
    monkeypatch.setattr(hops, "carriers", lambda: {"eth0": True})

    def no_way(address: str) -> way.Way:
        raise way.NoWay("Network is unreachable")

    monkeypatch.setattr(hops, "way_to", no_way)
    assert (await walked_to("https://platform.invalid")).event == "network.address"


async def test_who_is_to_blame_when_nothing_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    """The hall's gateway when it is silent too; what lies behind the last that answered when it is not."""

    async def silent(*_: Any, **__: Any) -> Any:
        raise OSError("no answer")

    monkeypatch.setattr(hops.asyncio, "open_connection", silent)
    settings = load_settings("simulated", (), {"platform.url": "http://127.0.0.1:9"}).platform

    def through(address: str) -> way.Way:
        return way.Way("eth0", "10.0.0.9", "10.0.0.1")

    for came, far, event in ((None, "", "network.gateway"), (0.001, "10.9.9.9", "network.beyond")):
        monkeypatch.setattr(hops, "answers", lambda gateway, within, came=came: came)
        monkeypatch.setattr(hops, "last_to_answer", lambda address, each, far=far: far)
        broken = (await hops.walked(settings, to=through)).broken
        assert broken is not None
        assert broken.event == event
        assert broken.what == far


def test_routes_carriers_and_neighbours_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    (tmp_path / "route").write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
        "eth1\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
    )
    (tmp_path / "arp").write_text(
        "IP address       HW type     Flags       HW address            Mask     Device\n"
        "192.168.1.1      0x1         0x2         00:11:22:33:44:55     *        eth0\n"
        "192.168.1.7      0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    )
    assert neighbours.neighbour_known("192.168.1.1", tmp_path)
    assert not neighbours.neighbour_known("192.168.1.7", tmp_path)
    source = way.source_of("127.0.0.1")
    assert source == "127.0.0.1"
    assert way.way_to("127.0.0.1", tmp_path) == way.Way("lo", "127.0.0.1")
    assert way.routed("203.0.113.9", "192.168.1.9", tmp_path) == way.Way("eth0", "192.168.1.9", "192.168.1.1")
    assert way.routed("10.1.2.3", "10.0.0.9", tmp_path) == way.Way("eth1", "10.0.0.9")
    for name, carrier in (("eth0", "1\n"), ("eth1", "0\n"), ("lo", "1\n")):
        (tmp_path / "net" / name).mkdir(parents=True)
        (tmp_path / "net" / name / "carrier").write_text(carrier)
    (tmp_path / "net" / "wlan0").mkdir()
    assert way.carriers(tmp_path / "net") == {"eth0": True, "eth1": False, "wlan0": False}
    assert way.carriers(tmp_path / "nothing") == {}


def test_a_machine_says_by_icmp_that_it_is_there() -> None:
    """A datagram to a closed port of this machine comes back as an error: no root, no raw socket."""
    took = probing.answers("127.0.0.1", 1.0)
    assert took is not None
    assert took < 0.5
    assert probing.last_to_answer("127.0.0.1", 0.3) == "127.0.0.1"


async def test_the_platform_is_asked_plainly_where_no_terminal_runs() -> None:
    async with server() as port:
        result = await running.run_test(table.BY_ID["platform"], ground(f"http://127.0.0.1:{port}"))
    assert result.outcome == "pass"
    assert {figure.id: figure.value for figure in result.figures}["signed"] == "no"
    result = await running.run_test(table.BY_ID["platform"], ground(f"http://127.0.0.1:{port}"))
    assert result.event == "platform.unreachable"
    assert network.test_platform is table.BY_ID["platform"].run


def test_ipv6_routes_are_read_as_the_kernel_writes_them(tmp_path: Path) -> None:
    (tmp_path / "ipv6_route").write_text(
        "20010db8000100000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000"
        " 00000100 00000001 00000000 00000001     eth1\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 fe800000000000000000000000000001"
        " 00000400 00000002 00000000 00000003     eth0\n"
        "00000000000000000000000000000000 00 00000000000000000000000000000000 00 20010db8000100000000000000000009"
        " 00000200 00000002 00000000 00000003     eth1\n"
        "20010db8000200000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000"
        " 00000100 00000001 00000000 00000201       lo\n"
        "20010db8000300000000000000000000 40 00000000000000000000000000000000 00 00000000000000000000000000000000"
        " 00000100 00000001 00000000 00000000     eth9\n"
        "a line that is none\n"
    )
    route = "2001:db8::5"
    assert way.routed_6("2001:db8:1::7", route, tmp_path) == way.Way("eth1", route)
    assert way.routed_6("2001:db8:7::7", route, tmp_path) == way.Way("eth1", route, "2001:db8:1::9")
    # A rejecting route and one that is down lead nowhere; fe80:: is meant on the cable that it is said of.
    assert way.routed_6("2001:db8:2::7", route, tmp_path).gateway == "2001:db8:1::9"
    assert way.routed_6("2001:db8:3::7%eth0", route, tmp_path) == way.Way("eth0", route, "fe80::1%eth0")
    assert way.routed_6("2001:db8:1::7", route, tmp_path / "none") == way.Way("", route)


def test_ipv6_neighbours_are_read_as_netlink_tells_them() -> None:
    def told(state: int, address: str, family: int = socket.AF_INET6) -> bytes:
        there = socket.inet_pton(socket.AF_INET6, address)
        link = struct.pack("=HH6s2x", 10, 2, b"\x00\x11\x22\x33\x44\x55")
        body = struct.pack("=BxxxiHBB", family, 2, state, 0, 1) + link + struct.pack("=HH", 20, 1) + there
        return struct.pack("=IHHII", 16 + len(body), 28, 2, 1, 7) + body

    done = struct.pack("=IHHIIi", 20, 3, 2, 1, 7, 0)
    piece = told(2, "fe80::1") + told(0x20, "fe80::2") + told(4, "2001:db8::9") + told(2, "::1", socket.AF_INET)
    found = {str(each) for each in neighbours.neighbours_in(piece + done)}
    assert found == {"fe80::1", "2001:db8::9"}
    assert neighbours.is_last(piece + done)
    assert not neighbours.is_last(piece)
    for cut in range(len(piece)):
        assert set(map(str, neighbours.neighbours_in(piece[:cut]))) <= found
    assert list(neighbours.neighbours_in(struct.pack("=IHHII", 3, 28, 2, 1, 7) + b"x" * 40)) == []


@pytest.mark.parametrize(
    ("family", "error", "sender", "anybody", "who"),
    [
        (socket.AF_INET, (2, 11, 0), "10.0.0.1", False, "10.0.0.1"),  # time exceeded
        (socket.AF_INET, (2, 3, 1), "10.0.0.1", False, None),  # host unreachable: not who was asked
        (socket.AF_INET, (2, 3, 1), "10.0.0.1", True, "10.0.0.1"),
        (socket.AF_INET6, (3, 3, 0), "2001:db8::1", False, "2001:db8::1"),
        (socket.AF_INET6, (3, 1, 4), "2001:db8::2", False, "2001:db8::2"),  # port unreachable
        (socket.AF_INET6, (3, 1, 0), "2001:db8::2", False, None),  # no route
        (socket.AF_INET6, (3, 1, 0), "2001:db8::2", True, "2001:db8::2"),
        (socket.AF_INET6, (1, 1, 4), "2001:db8::2", True, None),  # of this machine itself
        (socket.AF_INET6, (2, 11, 0), "2001:db8::2", True, None),  # numbers of IPv4
    ],
)
def test_who_sent_an_error(
    family: socket.AddressFamily, error: tuple[int, int, int], sender: str, anybody: bool, who: str | None
) -> None:
    there = socket.inet_pton(family, sender)
    address = (
        struct.pack("=HH4s8x", family, 0, there) if len(there) == 4 else struct.pack("=HHI16sI", 10, 0, 0, there, 0)
    )
    data = struct.pack("=IBBBxII", 111, *error, 0, 0) + address
    protocol = probing.PROTOCOLS[family]
    assert probing.sender_of(data, family, protocol, anybody=anybody) == who
    assert probing.sender_of(data[:20], family, protocol, anybody=anybody) is None


@pytest.mark.skipif(not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists(), reason="no IPv6 in this kernel")
async def test_the_way_over_ipv6_on_this_machine() -> None:
    took = await asyncio.to_thread(probing.answers, "::1", 1.0)
    assert took is not None
    assert took < 0.5
    assert probing.last_to_answer("::1", 0.3) == "::1"
    assert way.way_to("::1") == way.Way("lo", "::1")
    assert isinstance(neighbours.known_6(), frozenset)
    async with server(host="::1") as port:
        result = await walked_to(f"http://[::1]:{port}")
    assert result.outcome == "pass", result
    assert "hop-connect" in {figure.id for figure in result.figures}


async def test_of_two_versions_the_one_with_a_way_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """The name has an IPv6 address first, and this machine has no IPv6: no fault of the terminal."""

    def both(*_: Any, **__: Any) -> Any:
        return [(10, 1, 6, "", ("2001:db8::9", 0, 0, 0)), (2, 1, 6, "", ("127.0.0.1", 0))]

    def only_4(address: str) -> way.Way:
        if ":" in address:
            raise way.NoWay("Network is unreachable")
        return way.Way("lo", "127.0.0.1")

    monkeypatch.setattr(hops.socket, "getaddrinfo", both)
    async with server() as port:
        settings = load_settings("simulated", (), {"platform.url": f"http://127.0.0.1:{port}"}).platform
        there = settings.model_copy(update={"url": f"http://platform.test:{port}"})
        path = hops.Path()
        target = [hops._Target.of(there.url)]
        assert (await hops._named(path, target)).told == "2001:db8::9, 127.0.0.1"
        assert not (await hops._routed(path, target, only_4, lambda: {"eth0": True})).event
        assert target[0].addresses == ("127.0.0.1",)
        monkeypatch.undo()
        connected = await hops._connected(path, target)
    assert (connected.event, connected.told) == ("", "127.0.0.1")
    no_way = await hops._routed(path, target, lambda address: only_4("::"), lambda: {"eth0": True})
    assert (no_way.event, no_way.what) == ("network.address", "Network is unreachable")
