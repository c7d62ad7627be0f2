"""A pause on a serial port: what arrives wakes nobody, is whole at its end, and an unplugged port is still found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator

import pytest

from drivers.errors import LinkLost
from drivers.links.serial import SerialLink


@pytest.fixture
async def ends() -> AsyncIterator[tuple[SerialLink, int]]:
    """The link, and the descriptor of the device's end."""
    device, port = os.openpty()
    link = SerialLink(f"serial://{os.ttyname(port)}")
    await link.open()
    os.close(port)
    yield link, device
    await link.close()


async def test_what_arrives_meanwhile_wakes_nobody_and_is_given_at_once(ends: tuple[SerialLink, int]) -> None:
    link, device = ends
    woken: list[bool] = []
    readable = link._readable
    link._readable = lambda: (woken.append(True), readable())[1]  # type: ignore[method-assign, func-returns-value]  # counts
    pausing = asyncio.create_task(link.pause(0.6))
    for piece in (b"a", b"b", b"c"):
        await asyncio.sleep(0.01)
        os.write(device, piece)
    await pausing
    assert await link.read() == b"abc"
    assert len(woken) == 1
    os.write(device, b"d")
    assert await asyncio.wait_for(link.read(), 2) == b"d"
    os.close(device)


async def test_a_pause_without_a_byte_does_not_look_like_an_unplugged_port(ends: tuple[SerialLink, int]) -> None:
    link, device = ends
    await link.pause(0.01)
    assert link.is_open
    os.write(device, b"late")
    assert await asyncio.wait_for(link.read(), 2) == b"late"
    os.close(device)
    await link.pause(0.01)
    with pytest.raises(LinkLost):
        await asyncio.wait_for(link.read(), 2)


async def test_a_pause_cut_short_listens_again(ends: tuple[SerialLink, int]) -> None:
    link, device = ends
    pausing = asyncio.create_task(link.pause(60))
    await asyncio.sleep(0)
    pausing.cancel()
    await asyncio.wait({pausing})
    os.write(device, b"x")
    assert await asyncio.wait_for(link.read(), 2) == b"x"
    os.close(device)
