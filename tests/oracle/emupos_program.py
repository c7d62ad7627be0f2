"""Runs emupos 0.4.0 as a program: `python emupos_program.py CONFIG.yaml`, its package on PYTHONPATH.

It is written for Python 3.13 and needs of it only spellings (`type X = ...`, `def f[T](...)`) and one method of a
server. On an older Python they are respelt while its sources are read; not a line of its behaviour is touched.
"""

from __future__ import annotations

import asyncio
import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType
from typing import TypeVar

ALIAS = re.compile(r"^type (\w+) = ", re.M)
GENERIC = re.compile(r"^(def \w+)\[T\]\(", re.M)


class Respelt(importlib.machinery.SourceFileLoader):
    """Reads one module of emupos as Python 3.11 can."""

    def get_code(self, fullname: str) -> CodeType:
        """Respelt and compiled, always from the source: a cached file could be another Python's."""
        path = self.get_filename(fullname)
        text = GENERIC.sub(r"\1(", ALIAS.sub(r"\1 = ", self.get_data(path).decode()))
        code: CodeType = compile(text, path, "exec", dont_inherit=True)
        return code

    def exec_module(self, module: ModuleType) -> None:
        """Run it with `T` known."""
        module.__dict__["T"] = TypeVar("T")
        super().exec_module(module)


class RespeltFinder:
    """Finds emupos' modules with `Respelt`."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, _: object = None) -> importlib.machinery.ModuleSpec | None:
        """The module's place as Python finds it, read by `Respelt`."""
        if name.partition(".")[0] != "emupos":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        if spec is None or spec.origin is None:
            return spec
        return importlib.util.spec_from_file_location(
            name,
            spec.origin,
            loader=Respelt(name, spec.origin),
            submodule_search_locations=spec.submodule_search_locations,
        )


def main() -> None:
    """Serve the devices of the configuration named on the command line until SIGTERM; says "ready" on stdout."""
    if sys.version_info < (3, 13):
        sys.meta_path.insert(0, RespeltFinder)
        # 3.13's way of dropping clients at the end; ours have gone by then.
        asyncio.base_events.Server.close_clients = lambda _: None  # type: ignore[attr-defined]  # new in 3.13
    from emupos.config import load_config_file  # type: ignore[import-not-found]  # from PYTHONPATH
    from emupos.daemon.server import serve  # type: ignore[import-not-found]  # from PYTHONPATH

    serve(load_config_file(Path(sys.argv[1])), lambda _: print("ready", flush=True))


if __name__ == "__main__":
    main()
