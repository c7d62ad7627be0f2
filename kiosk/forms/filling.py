"""The state of a form that is being filled in: values, the field in focus, what is wrong. No page, no waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from config.catalogue import FormFieldSpec
from kiosk.forms.rules import Choices, keypad_for, opens, options_of, press, shown_fields, validate_field
from screens.screen import Reply


class Filling:
    """The fields that are `asked`. `known` is everything else that is filled in, which conditions may look at."""

    def __init__(
        self,
        asked: Sequence[FormFieldSpec],
        values: Mapping[str, str],
        known: Mapping[str, str],
        *,
        choices: Choices | None = None,
        organisation: bool = False,
    ) -> None:
        keys = {spec.key for spec in asked}
        self.asked = tuple(asked)
        self.known = {k: v for k, v in known.items() if k not in keys}
        self.values = {k: v for k, v in values.items() if k in keys}
        self.choices: Choices = choices or {}
        self.organisation = organisation
        self.errors: dict[str, str] = {}
        self.focus = self.missing() or asked[0].key

    @property
    def all(self) -> dict[str, str]:
        """Everything that is filled in so far, known and typed."""
        return {**self.known, **self.values}

    @property
    def shown(self) -> tuple[FormFieldSpec, ...]:
        """The asked fields whose condition holds now."""
        return shown_fields(self.asked, self.all, organisation=self.organisation)

    @property
    def focused(self) -> FormFieldSpec | None:
        """The field that the keypad types into, or that is about to be opened."""
        return next((s for s in self.shown if s.key == self.focus), None)

    def value(self, key: str) -> str:
        """What is filled in, "" for nothing."""
        return self.values.get(key, "")

    def fault(self, spec: FormFieldSpec) -> str | None:
        """What is wrong with a field, as a key of the texts (`error.<key>`); None when it can be sent."""
        return validate_field(spec, self.value(spec.key), self.all, self.choices)

    def missing(self, after: str = "") -> str:
        """The first shown field after `after`, and round, that cannot be sent as it is; "" when none."""
        shown = [s.key for s in self.shown]
        at = shown.index(after) + 1 if after in shown else 0
        return next((s.key for s in (*self.shown[at:], *self.shown[:at]) if self.fault(s)), "")

    @property
    def complete(self) -> bool:
        """True when nothing is missing and nothing is wrong."""
        return not self.missing()

    def take(self, reply: Reply) -> None:
        """A key, a choice, or another field touched."""
        if reply.key == "key":
            self._press(reply.value)
        elif reply.key == "focus":
            self._leave_field()
            self.focus = reply.value
        elif reply.key.startswith("choose:"):
            self._choose(reply.key.removeprefix("choose:"), reply.value)

    def put(self, key: str, value: str) -> None:
        """What came from a field's own page; the next open field gets the focus when this one is right."""
        spec = next((s for s in self.shown if s.key == key), None)
        if spec is None:
            return
        self._set(key, value)
        if value and (error := self.fault(spec)):
            self.errors[key] = error
        elif value:
            self.focus = self.missing(key) or key

    def check(self) -> bool:
        """Find everything that is wrong at once; focus the first."""
        self.errors = {s.key: error for s in self.shown if (error := self.fault(s))}
        if self.errors:
            self.focus = next(iter(self.errors))
        return not self.errors

    def onward(self) -> bool:
        """The next action was touched: true when the form is done; else a field that is still open gets the focus.

        A field that is wrong keeps the focus and says why; with nothing left but wrong fields, all of them say why.
        """
        if self.complete:
            return True
        spec = self.focused
        if spec is not None and (error := self.fault(spec)):
            self.errors[spec.key] = error
            return False
        self.focus = self.missing(self.focus)
        return False

    def result(self) -> dict[str, str]:
        """What was filled in and is shown; hidden fields are not sent."""
        shown = {s.key for s in self.shown}
        return {k: v for k, v in self.values.items() if k in shown and v}

    def _set(self, key: str, value: str) -> None:
        if value:
            self.values[key] = value
        else:
            self.values.pop(key, None)
        self.errors.pop(key, None)

    def _press(self, key: str) -> None:
        spec = self.focused
        if spec is None or keypad_for(spec, self.value(spec.key)) is None:
            return
        self._set(spec.key, press(spec, self.value(spec.key), key))
        full = spec.length and len(self.value(spec.key)) == spec.length
        if full and self.fault(spec) and key not in ("clear", "backspace"):
            self.errors[spec.key] = self.fault(spec) or ""

    def _choose(self, key: str, value: str) -> None:
        spec = next((s for s in self.shown if s.key == key), None)
        if spec is None or opens(spec, self.choices):
            return
        if any(o.key == value for o in options_of(spec, self.choices)):
            again = not spec.required and self.value(key) == value
            self._set(key, "" if again else value)
            if not again:
                self.focus = self.missing(key) or key

    def _leave_field(self) -> None:
        spec = self.focused
        if spec and self.value(spec.key) and (error := self.fault(spec)):
            self.errors[spec.key] = error
