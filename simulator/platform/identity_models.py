"""What terminals send about who somebody is, beside card and face (`models`): code, number, authority, hand-overs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.platform.models import CardProof, FaceProof, Id, Sent, ServiceId, _pattern


class CodeProof(Sent):
    """The app's code of a real-name account was scanned. It is in no log."""

    kind: Literal["code"]
    code: Annotated[str, _pattern(r"^[0-9A-Za-z._-]{8,210}$", 210)]


class NumberProof(Sent):
    """A citizen's number was typed, because the card is not at hand."""

    kind: Literal["number"]
    service: ServiceId
    number: Annotated[str, _pattern(r"^[0-9]{17}[0-9X]$", 18)]


class AgencyProof(Sent):
    """For whom the session acts from now on; "" is for the person."""

    kind: Literal["agency"]
    agency: Annotated[str, _pattern(r"^[A-Za-z0-9_-]{0,80}$", 80)]
    service: ServiceId
    consent: Id


AnyProof = Annotated[CardProof | FaceProof | CodeProof | NumberProof | AgencyProof, Field(discriminator="kind")]


class CheckRequest(Sent):
    """An officer is asked to look at who stands there. `consent` is the separate one for that."""

    service: ServiceId
    consent: Id


class HandoffRequest(Sent):
    """take: the phone proves who stands here; give: the session goes on on the phone."""

    direction: Literal["take", "give"]
