"""One simulated device alone: prints where it is, obeys lines typed at it, ends on a signal.

Lines: `state`, `verbs`, `wire [N]`, `plug`, `unplug`, `save NAME FILE`, `quit`, or a verb of the device with its
arguments: `present citizen-07`, `present citizen=citizen-07`, `toner percent=4`.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import shlex
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from simulator.device import SimDevice

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MAX_LINE = 2000


async def until_signal() -> None:
    """Returns when SIGINT, SIGTERM or SIGHUP came."""
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, ended.set)
    try:
        await ended.wait()
    finally:
        for number in ENDING:
            loop.remove_signal_handler(number)


async def run_alone(device: SimDevice, say: Callable[[str], None]) -> None:
    """Plug `device`, say its link, obey lines from stdin until a signal or `quit`; unplug it."""
    await device.plug()
    say(f"{device.family} {device.link}")
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str] = asyncio.Queue()
    reading = threading.Thread(target=_read_lines, args=(loop, lines), daemon=True, name="stdin")
    reading.start()
    ended = asyncio.create_task(until_signal())
    try:
        while True:
            line = asyncio.create_task(lines.get())
            await asyncio.wait({line, ended}, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                line.cancel()
                return
            if line.result().strip() in ("quit", "exit"):
                return
            if answer := await obey(device, line.result()):
                say(answer)
    finally:
        ended.cancel()
        await device.unplug()


def _read_lines(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    """A thread, because stdin may be a file or /dev/null, which no selector can watch."""
    try:
        for line in sys.stdin:
            loop.call_soon_threadsafe(lines.put_nowait, line[:MAX_LINE])
    except (RuntimeError, ValueError, OSError):
        return  # the loop or stdin was closed: nobody is listening any more


async def obey(device: SimDevice, line: str) -> str:
    """Do what one line says; the answer to print, a sentence when it cannot be done."""
    try:
        words = shlex.split(line)
    except ValueError as error:
        return f"not understood: {error}"
    if not words:
        return ""
    command, rest = words[0], words[1:]
    try:
        return await _do(device, command, rest)
    except (KeyError, ValueError, TypeError, OSError) as error:
        return f"{command}: {error.args[0] if error.args else error}"


async def _do(device: SimDevice, command: str, rest: list[str]) -> str:
    if command == "state":
        return json.dumps(device.state(), ensure_ascii=False, default=str)
    if command in ("verbs", "help", "?"):
        return "\n".join(f"{verb:20} {words}" for verb, words in sorted(device.verbs.items()))
    if command == "wire":
        count = int(rest[0]) if rest else 20
        return "\n".join(
            f"{'->' if c.direction == 'in' else '<-'} {c.data[:48].hex(' ')}  {c.words}"
            for c in list(device.wire)[-count:]
        )
    if command == "plug":
        await device.plug()
        return device.link
    if command == "unplug":
        await device.unplug()
        return "unplugged"
    if command == "save" and len(rest) == 2:
        media, data = device.artefact(rest[0])
        await asyncio.to_thread(Path(rest[1]).write_bytes, data)
        return f"{rest[1]}: {len(data)} bytes of {media}"
    if command not in device.verbs:
        command = command.replace("-", "_")
    result = device.do(command, **arguments(device, command, rest))
    return "done" if result is None else json.dumps(result, ensure_ascii=False, default=str)


def arguments(device: SimDevice, verb: str, words: list[str]) -> dict[str, Any]:
    """`key=value` words as they are, the others under the names that the verb's method or the device gives them.

    Values that read as JSON numbers or true/false become such. Raises `ValueError` when a word has no place.
    """
    named: dict[str, Any] = {}
    bare: list[Any] = []
    for word in words:
        key, equals, value = word.partition("=")
        if equals and key.isidentifier():
            named[key] = _read(value)
        else:
            bare.append(_read(word))
    names = [n for n in parameters(device, verb) if n not in named]
    if len(bare) > len(names):
        raise ValueError(f"say what {bare[len(names)]!r} is, as key=value")
    return {**dict(zip(names, bare, strict=False)), **named}


def parameters(device: SimDevice, verb: str) -> list[str]:
    """The verb's arguments: of a method `verb_x`, `_do_x` or `_x`; else what verbs of our devices are usually about."""
    word = verb.replace("-", "_")
    for name in (f"verb_{word}", f"_do_{word}", f"do_{word}", f"_{word}", word):
        method = getattr(device, name, None)
        if callable(method):
            return [p for p in inspect.signature(method).parameters if p not in ("args", "kwargs")]
    return ["citizen"]


def _read(word: str) -> Any:
    try:
        value = json.loads(word)
    except ValueError:
        return word
    return value if isinstance(value, (bool, int, float)) else word
