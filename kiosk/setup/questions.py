"""What setup asks (config/setup.toml), and whether an answer may be taken: the settings' own schema says so."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from config import DATA
from config.settings import DeviceSettings, Settings

Language = Literal["zh", "en"]
STEPS: Final = ("site", "platform", "devices", "fleet")
"""In this order; each is written down when it is done."""


NONE: Final = "none"
"""The answer to a device's question that there is no such device; what `Question.value` gives for any of `_NONE`."""
_NONE: Final = frozenset({NONE, "no", "无", "没有", "-"})


def says_none(answer: object) -> bool:
    """Whether an answer to a device's question says that there is no such device."""
    return isinstance(answer, str) and answer.strip().casefold() in _NONE


class WrongAnswer(ValueError):
    """An answer that the setting cannot take; the message says which setting, and why."""


class Question(BaseModel):
    """One question; `key` is dotted, as in settings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: Literal["site", "platform", "devices", "fleet"]
    key: Annotated[str, Field(pattern=r"^[a-z_]+(\.[a-z_]+)+$")]
    zh: Annotated[str, Field(min_length=2, max_length=80)]
    en: Annotated[str, Field(min_length=2, max_length=100)]
    usual: str = ""
    whole: bool = False
    may_be_empty: bool = False
    driver: str = ""
    """Of a device's link: the driver that is set beside it where there is none. Such a device may be left out."""

    @property
    def role(self) -> str:
        """The place in the profile that a device's question is about, "" of any other."""
        return self.key.split(".")[1] if self.driver else ""

    def words(self, language: Language) -> str:
        """The question."""
        return self.zh if language == "zh" else self.en

    def value(self, typed: str) -> Any:
        """The setting's value; None: left out; `NONE`: there is no such device. Raises `WrongAnswer`."""
        text = typed.strip() or self.usual
        if self.driver and says_none(text):
            return NONE
        if not text:
            if self.may_be_empty:
                return None
            none = f"; where there is none, terminal.without = [{self.role!r}]" if self.driver else ""
            raise WrongAnswer(f"{self.key}: an answer is needed{none}")
        if len(text) > 400 or not text.isprintable():
            raise WrongAnswer(f"{self.key}: longer than 400 characters, or with characters that cannot be seen")
        given: Any = text
        if self.whole:
            if not (text.isascii() and text.isdigit() and len(text) <= 9):
                raise WrongAnswer(f"{self.key}: a whole number is needed")
            given = int(text)
        if self.driver and not text.startswith("/") and "://" not in text:
            raise WrongAnswer(f"{self.key}: {text!r} is neither a port nor an address, nor {NONE!r}")
        try:
            _field_of(self.key).validate_python(given)
        except ValidationError as error:
            raise WrongAnswer(f"{self.key}: {error.errors()[0]['msg']}") from None
        return given


@cache
def questions() -> tuple[Question, ...]:
    """In the order in which they are asked. Raises `ValidationError`."""
    read = tomllib.loads((DATA / "setup.toml").read_text(encoding="utf-8"))
    return tuple(Question.model_validate(each) for each in read["question"])


@cache
def _field_of(key: str) -> TypeAdapter[Any]:
    """What the schema of the settings says of one key."""
    model: Any = Settings
    *tables, name = key.split(".")
    if tables[:1] == ["devices"]:
        model, tables = DeviceSettings, []
    for table in tables:
        model = model.model_fields[table].annotation
    field = model.model_fields[name]
    kind: Any = field.annotation
    return TypeAdapter(Annotated[(kind, *field.metadata)] if field.metadata else kind)


def found_in(tree: Mapping[str, Any], key: str) -> Any:
    """The value of a dotted key; None when it is not there."""
    at: Any = tree
    for part in key.split("."):
        if not isinstance(at, Mapping) or part not in at:
            return None
        at = at[part]
    return at


def put_in(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key; None takes it out."""
    if value is None and found_in(tree, key) is None:
        return
    *tables, name = key.split(".")
    at = tree
    for table in tables:
        below = at.get(table)
        at[table] = at = below if isinstance(below, dict) else {}
    if value is None:
        at.pop(name, None)
    else:
        at[name] = value
