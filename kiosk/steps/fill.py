"""The one form: what is known is filled in and says where from; the rest is asked, one field in focus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from config.catalogue import FormFieldSpec
from config.divisions import division_name
from kiosk.forms.choices import choices_of
from kiosk.forms.entry import enter
from kiosk.forms.filling import Filling
from kiosk.forms.rules import display_value, keypad_for, opens, options_of
from kiosk.identity.masks import mask_address, mask_name, mask_number
from kiosk.platform.errors import PlatformError
from kiosk.platform.messages import Prefilled
from kiosk.visits.case import Case, Move
from screens import pages
from screens.models import Form, FormField, Known, Place
from screens.screen import Screen

_SOURCES: Mapping[str, Literal["card", "licence", "share"]] = {"card": "card", "licence": "licence"}


async def fill(case: Case) -> Move:
    """Ask for what is not known. A form with nothing to ask is passed over."""
    visit = case.visit
    visit.at("fill")
    await _prefill(case)
    asked = asked_fields(case)
    if not asked:
        return "next"
    choices = await choices_of(case, asked)
    form = Filling(asked, case.form, case.form, choices=choices, organisation=acts_for_another(case))
    if (wrong := visit.vault.get("focus", "")) in {spec.key for spec in form.shown}:
        form.focus = wrong
        form.check()
        visit.vault.put("focus", "")
    while True:
        reply = await visit.ask(lambda p: _page(case, form, p), seconds=visit.manners.form_s)
        if reply.key == "back":
            return "back"
        if reply.key == "next" and form.onward():
            keys = {spec.key for spec in asked}
            case.keep_form({k: v for k, v in case.form.items() if k not in keys} | form.result())
            return "next"
        form.take(reply)
        if reply.key in ("next", "focus") and (spec := form.focused) and opens(spec, choices):
            value = await enter(case, spec, form.value(spec.key), options_of(spec, choices, form.all))
            if value is not None:
                form.put(spec.key, value)
        case.keep_form({**case.form, **form.values})


def acts_for_another(case: Case) -> bool:
    """Whether the citizen acts for an organisation in this journey."""
    return getattr(case, "acting_for", None) is not None


def asked_fields(case: Case) -> list[FormFieldSpec]:
    """The fields that nobody has filled in for the citizen; a PIN is typed at the card's own unit, never here."""
    return [s for s in case.service.form if s.key not in case.profile and s.type != "pin6"]


async def _prefill(case: Case) -> None:
    """Ask the platform what it knows for this service, once; without an answer the citizen is asked instead."""
    if case.visit.vault.get("profile") is not None:
        return
    profile = {}
    if case.session and (consent := case.consent_for("share")):
        try:
            profile = await case.tools.platform.profile(case.session, case.service.id, consent)
        except PlatformError:
            profile = {}
    if case.session and (consent := case.consent_for("licence")):
        try:
            licences = await case.tools.platform.lookup_licences(case.session, case.service.id, consent)
        except PlatformError:
            licences = []
        case.visit.vault.put("licences", sorted({licence.kind for licence in licences}))
    keys = {spec.key for spec in case.service.form if spec.prefill == "share"}
    profile = {k: v for k, v in profile.items() if k in keys}
    profile |= _proven(case)
    case.visit.vault.put("profile", profile)
    found = {k: str(v["value"]) for k, v in profile.items()}
    if case.visit.vault.get("card") is not None:
        found |= {s.key: case.card.address[: s.max_length] for s in case.service.form if _from_card(s)}
    case.keep_form({**found, **case.form})


def _proven(case: Case) -> dict[str, Prefilled]:
    """What identity has proven already and a form asks for all the same: holder, organisation."""
    found: dict[str, Prefilled] = {}
    holder = case.card if case.visit.vault.get("card") is not None else None
    for spec in case.service.form:
        if case.acting_for is not None and (spec.key, spec.type) == ("uscc", "uscc"):
            uscc = case.acting_for.uscc
            found[spec.key] = Prefilled(value=uscc, text=uscc, source="licence")
        elif holder is not None and spec.prefill == "card" and spec.type == "text":
            found[spec.key] = Prefilled(value=holder.name, text=mask_name(holder.name), source="card")
        elif holder is not None and spec.prefill == "card" and spec.type == "idno":
            found[spec.key] = Prefilled(value=holder.number, text=mask_number(holder.number), source="card")
    return found


def _from_card(spec: FormFieldSpec) -> bool:
    return spec.type == "addr" and spec.prefill == "card"


def known_rows(case: Case) -> tuple[Known, ...]:
    """What was filled in for the citizen, masked for a screen that others may see."""
    language = case.visit.language
    rows = []
    if case.visit.vault.get("card") is not None:
        rows = [
            Known(case.say("form.name"), mask_name(case.card.name), "card", case.card.name),
            Known(case.say("form.number"), mask_number(case.card.number), "card", case.card.number),
        ]
    for spec in case.service.form:
        if spec.key in case.profile:
            value = case.profile[spec.key]
            text = (
                division_name(str(value["value"]), language)
                if spec.type == "region"
                else str(value.get("text", value["value"]))
            )
            source: Literal["card", "licence", "share"] = _SOURCES.get(str(value.get("source", "")), "share")
            plain = str(value["value"]) if "*" in text else ""
            rows.append(Known(spec.label.get(language), text, source, plain))
    return tuple(rows)


def typed_rows(case: Case) -> tuple[Known, ...]:
    """What the citizen filled in, as the review shows it, masked; an address from the card says so."""
    specs = (spec for spec in case.service.form if spec.key not in case.profile)
    return tuple(typed_row(case, spec, value) for spec in specs if (value := case.form.get(spec.key, "")))


def typed_row(case: Case, spec: FormFieldSpec, value: str) -> Known:
    """One answer of the form, masked where others may look over the shoulder."""
    language = case.visit.language
    label, choices = spec.label.get(language), case.visit.vault.get("choices", {})
    whole = display_value(spec, value, language, choices=choices)
    if _from_card(spec) and case.visit.vault.get("card") is not None and value == case.card.address:
        return Known(label, mask_address(value), "card", whole)
    shown = display_value(spec, value, language, choices=choices, masked=True)
    return Known(label, shown, "typed", whole if shown != whole else "")


def _page(case: Case, form: Filling, place: Place) -> Screen:
    language = case.visit.language
    focused = form.focused
    keypad = None
    if focused is not None and not opens(focused, form.choices) and not options_of(focused, form.choices):
        keypad = keypad_for(focused, form.value(focused.key))
    model = Form(
        case.service.name.get(language),
        known_rows(case),
        tuple(_field(case, form, spec) for spec in form.shown),
        form.focus,
        keypad,
        form.complete,
        sum(form.fault(spec) is not None for spec in form.shown),
    )
    return pages.form(place, model)


def _field(case: Case, form: Filling, spec: FormFieldSpec) -> FormField:
    language = case.visit.language
    value = form.value(spec.key)
    own_page = opens(spec, form.choices)
    options = () if own_page else options_of(spec, form.choices)
    shown = display_value(spec, value, language, choices=form.choices, masked=spec.key != form.focus)
    return FormField(
        spec.key,
        spec.label.get(language),
        value if options else shown,
        hint=_hint(case, form, spec),
        error=case.say(f"error.{form.errors[spec.key]}") if spec.key in form.errors else "",
        optional=not spec.required,
        opens=own_page,
        options={o.key: o.label.get(language) for o in options} or None,
    )


def _hint(case: Case, form: Filling, spec: FormFieldSpec) -> str:
    missing = spec.length - len(form.value(spec.key)) if spec.length else 0
    if spec.key == form.focus and 0 < missing < spec.length:
        return case.say("form.missing-digits", count=missing)
    return ""
