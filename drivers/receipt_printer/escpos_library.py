"""python-escpos 3.1, kept from what it does to its surroundings.

Measured: importing it costs 200-270 ms, leaves a temp folder with a 70 kB pickle each time, calls
`logging.basicConfig()`, and some of its methods print to stdout. It is imported when the first receipt is encoded,
in a worker thread, and the folder and the root logger are put back.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import logging
import os
import shutil
import threading
from collections.abc import Iterator
from typing import Any

_PICKLE_DIR = "ESCPOS_CAPABILITIES_PICKLE_DIR"
_lock = threading.Lock()
_loaded: dict[str, Any] = {}


def library() -> Any:
    """The module `escpos.printer`, loaded once."""
    with _lock:
        if "printer" not in _loaded:
            with _quiet_root_logger(), _without(_PICKLE_DIR), contextlib.redirect_stdout(io.StringIO()):
                capabilities = importlib.import_module("escpos.capabilities")
                _loaded["printer"] = importlib.import_module("escpos.printer")
            # With the variable unset, `pickle_dir` is the folder it has just made: nothing else knows that name.
            shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
        return _loaded["printer"]


def dummy(profile: str) -> Any:
    """A `Dummy` printer of python-escpos: it only collects bytes. `profile` is one of the library's own names."""
    return library().Dummy(profile=profile)


@contextlib.contextmanager
def _quiet_root_logger() -> Iterator[None]:
    """basicConfig() does nothing to a root logger that has a handler."""
    root = logging.getLogger()
    if root.handlers:
        yield
        return
    guard = logging.NullHandler()
    root.addHandler(guard)
    try:
        yield
    finally:
        root.removeHandler(guard)


@contextlib.contextmanager
def _without(variable: str) -> Iterator[None]:
    """Without the variable the library's temp folder is known afterwards and can be removed."""
    kept = os.environ.pop(variable, None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ[variable] = kept
