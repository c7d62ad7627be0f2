"""The layers of an installed terminal: what commands use when their caller names neither a profile nor a layer.

`/usr/bin/kiosk` sets KIOSK_PROFILE and KIOSK_LAYERS (docs/installing.md); on a desk neither is there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

DESK: Final = "simulated"


def layers_of(environment: Mapping[str, str], arguments: Sequence[str] = ()) -> tuple[str, list[Path]]:
    """Profile, and those of its layers that are there. Who names a profile or a layer gets nothing besides."""
    if any(word.split("=", 1)[0] in ("--profile", "--machine") for word in arguments):
        return DESK, []
    paths = [Path(each) for each in environment.get("KIOSK_LAYERS", "").split(":") if each]
    return environment.get("KIOSK_PROFILE") or DESK, [path for path in paths if path.exists()]


def defaults(command: Any, profile: str, layers: Sequence[Path]) -> dict[str, Any]:
    """click's `default_map` for `command` (a group, or one command): the layers wherever `--profile` is an option."""
    found: dict[str, Any] = {}
    for name, each in getattr(command, "commands", {}).items():
        options = {option.name for option in each.params}
        values: dict[str, Any] = {}
        if "profile" in options:
            values["profile"] = profile
        if "machine" in options:
            values["machine"] = [str(layer) for layer in layers]
        values |= defaults(each, profile, layers)
        if values:
            found[name] = values
    return found


def named_by_caller(context: Any, *options: str) -> bool:
    """Whether the caller typed one of these options; what the layers gave does not count."""
    return any(getattr(context.get_parameter_source(each), "name", "") == "COMMANDLINE" for each in options)
