"""The one form: what is known is filled in and says where from; the rest is asked, one field in focus."""

from __future__ import annotations

from config.catalogue import FormFieldSpec
from config.divisions import division_name
from kiosk.case import Case, Move
from kiosk.forms import display_value, keypad_for, press, shown_fields, validate_field
from kiosk.platform.errors import PlatformError
from screens import pages
from screens.models import Form, FormField, Known, Place
from screens.screen import Reply, Screen


async def fill(case: Case) -> Move:
    """Ask for what is not known. A form with nothing to ask is passed over."""
    visit = case.visit
    visit.at("fill")
    await _prefill(case)
    asked = [s for s in case.service.form if s.key not in case.profile and s.type != "addr"]
    if not asked:
        return "next"
    form = _Filling(case, asked)
    while True:
        reply = await visit.ask(form.page, seconds=visit.manners.form_s)
        if reply.key == "back":
            return "back"
        if reply.key == "next" and form.check():
            asked_keys = {spec.key for spec in asked}
            case.keep_form({k: v for k, v in case.form.items() if k not in asked_keys} | form.result())
            return "next"
        form.take(reply)
        case.keep_form({**case.form, **form.values})


async def _prefill(case: Case) -> None:
    """Ask the platform what it knows for this service, once; without an answer the citizen is asked instead."""
    if case.visit.vault.get("profile") is not None:
        return
    try:
        profile = await case.tools.platform.profile(case.session, case.service.id, case.consents[0])
    except PlatformError:
        profile = {}
    try:
        licences = await case.tools.platform.lookup_licences(case.session, case.service.id, case.consents[0])
    except PlatformError:
        licences = []
    case.visit.vault.put("licences", sorted({licence.kind for licence in licences}))
    keys = {spec.key for spec in case.service.form if spec.prefill == "share"}
    profile = {k: v for k, v in profile.items() if k in keys}
    case.visit.vault.put("profile", profile)
    case.keep_form({**{k: str(v["value"]) for k, v in profile.items()}, **case.form})


def known_rows(case: Case) -> tuple[Known, ...]:
    """What was filled in for the citizen, masked for a screen that others may see."""
    from kiosk.masks import mask_address, mask_name, mask_number

    card = case.card
    language = case.visit.language
    rows = [
        Known(case.say("form.name"), mask_name(card.name), "card"),
        Known(case.say("form.number"), mask_number(card.number), "card"),
    ]
    for spec in case.service.form:
        if spec.key in case.profile:
            value = case.profile[spec.key]
            text = (
                division_name(str(value["value"]), language)
                if spec.type == "region"
                else str(value.get("text", value["value"]))
            )
            rows.append(Known(spec.label.get(language), text, "share"))
        elif spec.type == "addr" and spec in shown_fields(case.service.form, case.form):
            rows.append(Known(spec.label.get(language), mask_address(card.address), "card"))
    return tuple(rows)


class _Filling:
    """What has been typed, which field has the keypad, what is wrong."""

    def __init__(self, case: Case, asked: list[FormFieldSpec]) -> None:
        self.case = case
        self.asked = asked
        self.values = {k: v for k, v in case.form.items() if k in {s.key for s in asked}}
        self.errors: dict[str, str] = {}
        self.focus = next((s.key for s in asked if not self.values.get(s.key) and not s.options), asked[0].key)

    @property
    def shown(self) -> list[FormFieldSpec]:
        """The fields whose condition holds now."""
        return [s for s in shown_fields(tuple(self.asked), self.all) if s in self.asked]

    @property
    def all(self) -> dict[str, str]:
        """Everything that is filled in so far, known and typed."""
        return {**self.case.form, **self.values}

    def page(self, place: Place) -> Screen:
        """The form page."""
        language = self.case.visit.language
        fields = tuple(
            FormField(
                spec.key,
                spec.label.get(language),
                display_value(spec, self.values.get(spec.key, ""), language)
                if not spec.options
                else self.values.get(spec.key, ""),
                hint=self._hint(spec),
                error=self.case.say(f"error.{self.errors[spec.key]}") if spec.key in self.errors else "",
                optional=not spec.required,
                options={o.key: o.label.get(language) for o in spec.options} or None,
            )
            for spec in self.shown
        )
        focused = next((s for s in self.shown if s.key == self.focus), None)
        keypad = keypad_for(focused) if focused and not focused.options else None
        model = Form(
            self.case.service.name.get(language), known_rows(self.case), fields, self.focus, keypad, self.complete
        )
        return pages.form(place, model)

    def _hint(self, spec: FormFieldSpec) -> str:
        missing = spec.length - len(self.values.get(spec.key, "")) if spec.length else 0
        if spec.key == self.focus and 0 < missing < spec.length:
            return self.case.say("form.missing-digits", count=missing)
        return ""

    @property
    def complete(self) -> bool:
        """True when nothing is missing and nothing is wrong."""
        return all(validate_field(s, self.values.get(s.key, ""), self.all) is None for s in self.shown)

    def take(self, reply: Reply) -> None:
        """A key, a choice, or another field touched."""
        if reply.key == "key":
            spec = next((s for s in self.shown if s.key == self.focus), None)
            if spec and not spec.options:
                self.values[spec.key] = press(spec, self.values.get(spec.key, ""), reply.value)
                self.errors.pop(spec.key, None)
        elif reply.key == "focus":
            self._leave_field()
            self.focus = reply.value
        elif reply.key.startswith("choose:"):
            key = reply.key.removeprefix("choose:")
            if any(s.key == key and any(o.key == reply.value for o in s.options) for s in self.shown):
                self.values[key] = reply.value
                self.errors.pop(key, None)

    def _leave_field(self) -> None:
        spec = next((s for s in self.shown if s.key == self.focus), None)
        if spec and self.values.get(spec.key) and (error := validate_field(spec, self.values[spec.key], self.all)):
            self.errors[spec.key] = error

    def check(self) -> bool:
        """Find everything that is wrong at once; focus the first."""
        found = {s.key: e for s in self.shown if (e := validate_field(s, self.values.get(s.key, ""), self.all))}
        self.errors = found
        if found:
            self.focus = next(iter(found))
        return not found

    def result(self) -> dict[str, str]:
        """What was filled in and is shown; hidden fields are not sent."""
        shown = {s.key for s in self.shown}
        return {k: v for k, v in self.values.items() if k in shown and v}
