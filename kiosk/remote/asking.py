"""The other end of the socket: asks the running terminal, for the command line and for anybody's program."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from kiosk.remote.lines import MOST_ANSWER, VERSION, Refused
from kiosk.remote.socket_file import connected

CONNECT_S: Final = 5.0
SILENT_S: Final = 30.0
"""A terminal that works on it says so every two seconds."""


class NoTerminal(Exception):
    """Nobody answers there; the message says where and what to do."""


def ask(
    path: Path, verb: str, args: Mapping[str, Any], still: Callable[[str], None] = lambda _: None
) -> dict[str, Any]:
    """What the terminal answers; `still` hears what it waits for. Raises `Refused`, `NoTerminal`."""
    try:
        with closing(connected(path, CONNECT_S)) as made:
            made.settimeout(SILENT_S)
            made.sendall(json.dumps({"v": VERSION, "verb": verb, "args": dict(args)}).encode() + b"\n")
            return _heard(made, still)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise NoTerminal(f"{path}: no terminal runs there; start it, or name its --profile and --machine") from error
    except PermissionError as error:
        raise NoTerminal(f"{path}: not for this user; use sudo") from error
    except TimeoutError as error:
        raise NoTerminal(f"{path}: the terminal does not answer; look at its log") from error
    except OSError as error:
        raise NoTerminal(f"{path}: {error.strerror or error}") from error


def _heard(made: socket.socket, still: Callable[[str], None]) -> dict[str, Any]:
    with made.makefile("rb") as answers:
        while True:
            line = answers.readline(MOST_ANSWER + 1)
            if not line.endswith(b"\n"):
                raise NoTerminal("the terminal ended the connection without an answer; look at its log")
            try:
                told = json.loads(line)
                if "still" in told:
                    still(str(told["still"])[:200])
                elif told["ok"]:
                    result: dict[str, Any] = told["result"]
                    return result
                else:
                    error = told["error"]
                    raise Refused(error["code"], str(error["message"]), str(error["remedy"]))
            except (ValueError, KeyError, TypeError) as error:
                raise NoTerminal("what answers there is no terminal of this version") from error
