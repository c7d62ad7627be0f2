"""A `.feature` file as a test module: every scenario is a test, named as it is written."""

from __future__ import annotations

import re
from types import ModuleType
from typing import Any

import pytest
from pytest_bdd import scenario
from pytest_bdd.feature import get_feature

BEGINS = re.compile(r"^\s*(场景大纲|剧本大纲|场景|剧本|Scenario Outline|Scenario|Example)\s*:", re.M)
MOST_BYTES = 512 * 1024


class FeatureFile(pytest.Module):
    """One feature file. A scenario whose name another one has too is an error: one of them would be lost in silence."""

    def _getobj(self) -> ModuleType:
        folder, name = str(self.path.parent), self.path.name
        if self.path.stat().st_size > MOST_BYTES:
            raise self.CollectError(f"{self.path}: 超过 {MOST_BYTES // 1024} KB")
        try:
            feature = get_feature(folder, name, encoding="utf-8")
        except Exception as error:  # noqa: BLE001 - whatever a parser of two packages raises is a fault of the file
            raise self.CollectError(f"{self.path}: {type(error).__name__}: {error}") from None
        written = len(BEGINS.findall(self.path.read_text("utf-8")))
        if written != len(feature.scenarios):
            raise self.CollectError(
                f"{self.path}: 写了 {written} 个场景，只读到 {len(feature.scenarios)} 个；有没有重名的？"
            )
        module = ModuleType(f"feature_{self.path.stem}")
        module.__file__ = str(self.path)
        for title in feature.scenarios:
            made: Any = scenario(name, title, features_base_dir=folder)(_nothing_more)
            made.__name__ = "test_" + re.sub(r"\W+", "_", title).strip("_")
            setattr(module, made.__name__, made)
        return module


def _nothing_more() -> None:
    """A scenario is its steps."""
