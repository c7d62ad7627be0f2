"""Stable names by socket: `/dev/kiosk/receipt-printer` is whatever is plugged in where the receipt printer was found.

A device that is replaced has another serial number but the same socket; so the rule goes by udev's ID_PATH.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from drivers.discovery import Finding
from kiosk.setup.machine_file import write_text

RULES: Final = Path("/etc/udev/rules.d/71-weihai-kiosk-sockets.rules")
HEAD: Final = "# Which socket is whose; `kiosk setup` wrote it, and writes it anew.\n"
SUBSYSTEM: Final = {"serial": "tty", "video": "video4linux"}
TOOL_S: Final = 10.0
Asked = Callable[[Sequence[str]], str]
"""A command -> what it prints. Raises `OSError`."""


def ask_tool(command: Sequence[str]) -> str:
    """Run one tool of the system. Raises `OSError` when it is missing, fails or does not end within 10 s."""
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=TOOL_S, check=True)  # noqa: S603 - ours
    except (subprocess.SubprocessError, UnicodeDecodeError) as error:
        raise OSError(f"{command[0]}: {error}") from error
    return ran.stdout


def socket_of(device: str, asked: Asked = ask_tool) -> str:
    """udev's ID_PATH of the device; "" where it has none. Raises `OSError`."""
    for line in asked(("udevadm", "info", "--query=property", f"--name={device}")).splitlines():
        key, _, value = line.partition("=")
        if key == "ID_PATH" and value.isascii() and value.isprintable() and '"' not in value:
            return value[:200]
    return ""


def device_tables(findings: Sequence[Finding]) -> dict[str, dict[str, Any]]:
    """`[devices]` of what was found: the first of each family; a second camera looks at the desk."""
    tables: dict[str, dict[str, Any]] = {}
    for found in findings:
        family, _, driver = found.driver.partition(".")
        if not family:
            continue
        role = "document_camera" if family == "camera" and "camera" in tables else family
        if role not in tables:
            tables[role] = {"driver": driver, "link": found.link}
            if role == "document_camera":
                tables[role]["options"] = {"mirror": False}
    return tables


def named_by_socket(
    tables: Mapping[str, Mapping[str, Any]], findings: Sequence[Finding], asked: Asked = ask_tool
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The tables with stable names where the socket is known, and the udev rules for them. Raises `OSError`."""
    named, rules = {role: dict(table) for role, table in tables.items()}, []
    for role, table in named.items():
        found = next((each for each in findings if each.link == table["link"]), None)
        if found is None or found.candidate.kind not in SUBSYSTEM:
            continue
        where = socket_of(found.candidate.now or found.candidate.path, asked)
        if not where:
            continue
        name = f"kiosk/{role.replace('_', '-')}"
        first = ', ATTR{index}=="0"' if found.candidate.kind == "video" else ""
        subsystem = SUBSYSTEM[found.candidate.kind]
        rules.append(f'SUBSYSTEM=="{subsystem}", ENV{{ID_PATH}}=="{where}"{first}, SYMLINK+="{name}"')
        table["link"] = table["link"].replace(found.candidate.path, f"/dev/{name}")
    return named, rules


def install_rules(rules: Sequence[str], path: Path = RULES, asked: Asked = ask_tool) -> None:
    """Write the rules and have udev make the names now. Raises `OSError`."""
    write_text(path, HEAD + "".join(f"{rule}\n" for rule in rules), 0o644)
    asked(("udevadm", "control", "--reload"))
    for subsystem in SUBSYSTEM.values():
        asked(("udevadm", "trigger", "--action=change", f"--subsystem-match={subsystem}"))
    asked(("udevadm", "settle", "--timeout=8"))
