"""What a page says, as frozen data: the only thing the core hands to the stage, and the `Reply` that comes back.

A `Screen` is a pure function of a journey's model (see `screens.pages`). The stage lays its blocks out from top to
bottom, paints, hit-tests and speaks it; it keeps no state of its own beyond what is pressed right now. A key typed
on a keypad is a `Reply` too: the journey updates its model and shows the next `Screen`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from screens import checks, filling, terms

Tone: TypeAlias = terms.Tone
Style: TypeAlias = terms.Style
StepState: TypeAlias = terms.StepState
KeypadKind: TypeAlias = terms.KeypadKind
PictureKind: TypeAlias = terms.PictureKind
Language: TypeAlias = terms.Language
Mode: TypeAlias = terms.Mode
Voice: TypeAlias = terms.Voice
Action: TypeAlias = terms.Action

Field: TypeAlias = filling.Field
Option: TypeAlias = filling.Option
Choice: TypeAlias = filling.Choice
Keypad: TypeAlias = filling.Keypad
Ink: TypeAlias = filling.Ink
PinPad: TypeAlias = filling.PinPad
Candidates: TypeAlias = filling.Candidates
"""What is filled in by hand (`screens.filling`)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the step indicator."""

    label: str
    state: StepState


@dataclass(frozen=True, slots=True)
class Countdown:
    """When this page ends by itself: `ends_at` on the stage's clock (seconds), of `total_s` seconds."""

    ends_at: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Header:
    """Where I am: the service, the hall and terminal; `badge` says calmly that this is a simulation."""

    title: str
    place: str
    badge: str = ""
    work: bool = False
    """A technician's page: another ground, so that no citizen takes it for a service."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A section title inside the page, with an optional remark beside it."""

    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A reassurance, a reason, a warning or a fault; always an icon and words, never colour alone."""

    text: str
    detail: str = ""
    icon: str = "info"
    tone: Tone = "info"


@dataclass(frozen=True, slots=True)
class Result:
    """The large sign at the top of a result page: a tick, a warning, a fault, and the sentence.

    `whole`: it is nearly all that the page says, and stands large in its middle.
    """

    text: str
    detail: str = ""
    tone: Tone = "done"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a card: label, value, and where the value came from (`source`, shown as a badge)."""

    label: str
    value: str
    source: str = ""
    private: bool = False
    amount: bool = False
    """The value is an amount of money: it stands at the right edge, under those of the other lines."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A white card of label and value lines."""

    rows: tuple[Row, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Records under their columns. Where columns do not fit side by side, each record is a card of label and value."""

    columns: tuple[str, ...]
    records: tuple[tuple[str, ...], ...]
    title: str = ""
    private: bool = False


@dataclass(frozen=True, slots=True)
class Money:
    """An amount to pay or paid: the largest figure on its page. `fen` is integer fen."""

    title: str
    basis: str
    fen: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One number to be recognised at a glance (on a phone, say), with a caption under it."""

    text: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A field of services, or a thing to do, as a square with icon, name and remark."""

    key: str
    label: str
    icon: str
    note: str = ""
    badge: str = ""
    tone: Tone = "plain"
    enabled: bool = True
    value: str = ""


@dataclass(frozen=True, slots=True)
class Tiles:
    """A grid of tiles. `verbs`: small ones with the sign over the word, for what can be done at all; `facts`: nothing
    to touch, the value large and what it is under it."""

    tiles: tuple[Tile, ...]
    columns: int = 3
    style: Literal["field", "verbs", "facts"] = "field"


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list that opens something; when `enabled` is false, `reason` says why in a sentence."""

    key: str
    label: str
    icon: str = ""
    note: str = ""
    enabled: bool = True
    reason: str = ""
    value: str = ""
    amount: str = ""
    """Of money, where lines to choose have one."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list of lines that open something. `ways`: few answers to the page's question, large; `search`: a way in by
    words, drawn as the field that it opens; `ticks`: lines to choose; `removable`: lines that can be taken away."""

    items: tuple[Item, ...]
    style: Literal["list", "ways", "search", "ticks", "removable"] = "list"


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing that explains what the hands should do."""

    kind: PictureKind
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """The live camera picture (frames come through `Stage.preview`), with guidance under it. Never in a screenshot.

    `shows` is what belongs into it: a face in a ring, or a code in a square; `photo` is the finished ID photo, still;
    `page` is the desk, the outline of the sheet drawn into the picture.
    """

    caption: str = ""
    tone: Tone = "info"
    shows: Literal["face", "code", "photo", "page"] = "face"


@dataclass(frozen=True, slots=True)
class Progress:
    """Something takes a while: what, and how far where that is known (0..1)."""

    label: str
    fraction: float | None = None


@dataclass(frozen=True, slots=True)
class Qr:
    """A QR code to scan away, with words under it."""

    payload: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Rating:
    """Five levels, never preselected: touching one replies `Reply("rate", "5")`, 5 = very satisfied.

    `labels` are those of levels 5, 4, 3, 2, 1 in this order.
    """

    title: str
    note: str
    labels: tuple[str, str, str, str, str]
    chosen: int = 0


@dataclass(frozen=True, slots=True)
class Actions:
    """A row of buttons in the body; the primary one is the widest."""

    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Flexible white space: what follows goes to the lower half, near the hand."""


Checks: TypeAlias = checks.Checks
Measures: TypeAlias = checks.Measures
Chart: TypeAlias = checks.Chart
Wipe: TypeAlias = checks.Wipe
Plain: TypeAlias = checks.Plain
Cross: TypeAlias = checks.Cross
"""The blocks of technicians (`screens.checks`)."""

Block: TypeAlias = (
    Heading
    | Paragraph
    | Notice
    | Result
    | Rows
    | Table
    | Money
    | Figure
    | Field
    | Choice
    | Keypad
    | PinPad
    | Ink
    | Candidates
    | Tiles
    | Items
    | Picture
    | Preview
    | Progress
    | Qr
    | Rating
    | Actions
    | Checks
    | Measures
    | Chart
    | Wipe
    | Plain
    | Cross
    | Gap
)


@dataclass(frozen=True, slots=True)
class Screen:
    """One page. `page` is its stable name; `prompt` is what the terminal says aloud; `backdrop` is for standby."""

    page: str
    title: str
    header: Header
    subtitle: str = ""
    steps: tuple[Step, ...] = ()
    blocks: tuple[Block, ...] = ()
    nav: tuple[Action, ...] = ()
    modes: tuple[Action, ...] = ()
    countdown: Countdown | None = None
    language: Language = "zh"
    mode: Mode = "standard"
    prompt: str = ""
    backdrop: bool = False
    private: bool = False
    voice: Voice = ""
    since: float | None = None
    """When what is under way began, on the stage's clock (seconds): the picture of waiting moves by it."""
    curtain: bool = False
    """Nothing of the page may be seen: the stage paints a cover in its place, until it is touched."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the citizen did: `key` of the action, tile, item, "key", "choose:...", "focus", "rate"; and its value."""

    key: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """One thing of the semantic tree beside the pixels: what speech, tests, the bench and a script read and touch.

    `rect` is x, y, width, height in pixels of the panel (1080 x 1920), not of the window.
    """

    role: str
    name: str
    rect: tuple[int, int, int, int]
    key: str = ""
    value: str = ""
    enabled: bool = True
    focused: bool = False
    children: tuple[Node, ...] = field(default=())
