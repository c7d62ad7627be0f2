"""The catalogue of events: every fault code of every driver belongs to one, its page is current, its words whole."""

from __future__ import annotations

import ast
import importlib
import json
import logging
import pkgutil
from pathlib import Path

import pytest
from pydantic import ValidationError

import drivers
from config import DATA
from drivers.device import Fault
from drivers.errors import DeviceError
from drivers.licence_printer.frames.reasons import _LATER, BLOCKING
from drivers.payment_library import codes as bank_codes
from drivers.payment_pad.frames.codes import result_word, status_word
from drivers.receipt_printer.faults import FAULTS
from kiosk.events import COMMAND, Catalogue, device_event, events, fault_line, long_act, metric, page

ROOT = Path(__file__).parents[2]
FALLBACK = "device.any.other"


def leaves(kind: type[DeviceError]) -> list[type[DeviceError]]:
    return [kind, *(found for sub in kind.__subclasses__() for found in leaves(sub))]


def written_causes() -> set[tuple[str, str]]:
    """(family, cause) of every `Fault("...")` that is written out in a driver, and of the cabinet's table."""
    found = set()
    for path in sorted((ROOT / "drivers").rglob("*.py")):
        family = path.relative_to(ROOT / "drivers").parts[0].removesuffix(".py")
        family = "payment_pad" if family == "payment_library" else family
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add((family, first.value))
    return found


def all_causes() -> set[tuple[str, str]]:
    for module in pkgutil.walk_packages(drivers.__path__, "drivers."):
        if not module.name.endswith(("_worker", "worker_child", "wlt_worker", "library.child", "library.worker")):
            importlib.import_module(module.name)
    general = {("any", kind.cause) for kind in leaves(DeviceError) if kind.__module__.startswith("drivers.")}
    pad = {("payment_pad", word(code).cause) for word in (result_word, status_word) for code in range(256)}
    bank = {
        ("payment_pad", word.cause)
        for table in vars(bank_codes).values()
        if isinstance(table, dict)
        for word in table.values()
        if hasattr(word, "cause")
    }
    licence = {("licence_printer", keyword) for keyword in (*BLOCKING, *_LATER)}
    receipt = {("receipt_printer", row.cause) for row in FAULTS}
    cabinet = {
        ("cabinet", cause)
        for cause in ("door-open", "tilted", "emergency-key", "hot", "fan-stopped", "on-battery", "battery-low")
    }
    return general | pad | bank | licence | receipt | cabinet | written_causes()


def test_every_fault_code_of_every_driver_belongs_to_one_event() -> None:
    causes = all_causes()
    assert len(causes) > 100
    known = {cause for each in events().values() for cause in each.causes}
    # An error of one family alone is raised as `any` here; its event may be its family's.
    strays = {
        (family, cause)
        for family, cause in causes
        if device_event(family, cause).id == FALLBACK and not (family == "any" and cause in known)
    }
    assert strays == set()


def test_no_event_names_a_cause_that_no_driver_has() -> None:
    causes = {cause for _, cause in all_causes()}
    named = {cause for each in events().values() for cause in each.causes}
    assert named - causes == set()


def test_the_page_is_as_the_catalogue_is() -> None:
    assert (ROOT / "docs" / "events.md").read_text(encoding="utf-8") == page(), f"run: {COMMAND}"


def test_drawings_are_icons_that_there_are() -> None:
    icons = json.loads((DATA / "fonts" / "icons.json").read_text(encoding="utf-8"))
    assert {each.drawing for each in events().values() if each.drawing} <= set(icons)


def test_words_are_calm_and_fill_in() -> None:
    for each in events().values():
        for language in ("zh", "en", "ko"):
            words = each.sentence(language, "X", "Y" * 500) + each.remedy(language)
            assert "{" not in words
            assert "!" not in words
            assert "！" not in words
            assert "Y" * 161 not in words


def test_an_event_is_refused_that_says_less_in_one_language() -> None:
    row = {"id": "a.b", "severity": "info", "who": "vendor", "rank": 1}
    words = {"zh": ["{what}坏", "修好"], "en": ["{what} broken", "mend"], "ko": ["고장", "수리"]}
    with pytest.raises(ValidationError, match="the same of"):
        Catalogue.model_validate({"event": [{**row, **words}]})
    words["ko"] = ["{what} 고장", "수리"]
    with pytest.raises(ValidationError, match="twice: a\\.b"):
        Catalogue.model_validate({"event": [{**row, **words}, {**row, **words}]})


def test_log_line_and_metric_of_an_event() -> None:
    level, line = fault_line("receipt_printer", "receipt_printer", Fault("paper-out", "out of paper"))
    assert level == logging.ERROR
    assert line.startswith(
        "event=device.receipt-printer.paper-out severity=fault who=attendant device=receipt_printer: "
    )
    name, labels = metric(events()["cabinet.on-battery"], "cabinet")
    assert name == "kiosk_events_total"
    assert labels == {"event": "cabinet.on-battery", "severity": "alarm", "device": "cabinet"}


def test_a_long_act_says_how_it_ended(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "kiosk.events")
    with long_act("a"):
        pass
    with pytest.raises(ValueError, match="b"), long_act("b"):
        raise ValueError("b")
    assert caplog.messages == [
        "act=a began",
        "act=a ended outcome=done",
        "act=b began",
        "act=b ended outcome=ValueError",
    ]
