"""The schema of a terminal's settings. Every number has a unit in its name or description, and a bound."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import normpath
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from config.dimming import ScreenSettings
from config.expected import Expected
from config.fleet_settings import FleetSettings
from config.loopback import is_loopback
from config.page_times import PageKind, page_times
from config.panel import USUAL_DIAGONAL, Panel, of_diagonal
from config.remote_settings import RemoteSettings
from config.running import HealthSettings, NightSettings, PowerSettings
from config.service_guide import Equipment
from config.speaking import KeypadSettings, SpeechSettings
from config.technician_settings import TechnicianSettings
from config.update_settings import UpdateSettings

Family = Literal["id_card", "receipt_printer", "licence_printer", "payment_pad", "camera", "cabinet", "barcode"]
Role = Literal[Family, "document_camera", "code_camera"]
"""A place in the profile: a family's own, or a further camera's (`ROLES`)."""
ROLES: Mapping[str, Family] = MappingProxyType({"document_camera": "camera", "code_camera": "camera"})
"""Further devices of a family: the role -> the family whose drivers it takes. Without one, `camera` does its work."""
Seconds = Annotated[float, Field(gt=0, le=3600)]


class Section(BaseModel):
    """A part of the settings: unknown keys are faults, values do not change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Terminal(Section):
    """Which terminal this is and where it stands."""

    id: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z]{2}-\d{4}$")]
    hall_zh: Annotated[str, Field(min_length=1, max_length=60)]
    hall_en: Annotated[str, Field(min_length=1, max_length=60)]
    """Stands on every page: 60 characters are what the header has room for."""
    number: Annotated[int, Field(ge=1, le=99)]
    division: Annotated[str, Field(pattern=r"^\d{6}$")]
    help_phone: Annotated[str, Field(pattern=r"^[\d-]{3,20}$")]
    equipment: Annotated[tuple[Equipment, ...], Field(max_length=6)] = ()
    """What this machine has beside the devices below: an item that needs something else is not offered here."""
    without: Annotated[tuple[Role, ...], Field(max_length=9)] = ()
    """Devices that this machine does not have, whatever a lower layer names. What needs them is not offered here."""


HourOfDay = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
PlaceName = Annotated[str, Field(min_length=1, max_length=60)]


class Hours(Section):
    """When people work, on working days: HH:MM, the terminal's zone."""

    opens: HourOfDay = "09:00"
    closes: HourOfDay = "17:00"

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.opens >= self.closes:
            raise ValueError(f"closes: {self.closes} does not lie after opens, {self.opens}")
        return self


class Counter(Section):
    """A counter with people, where what cannot be done here can be done. `name` as in a sentence: 一楼综合窗口."""

    name_zh: PlaceName
    name_en: PlaceName
    hours: Hours = Hours()


class Neighbour(Section):
    """Another terminal that citizens can be sent to, and which devices it has. Minutes on foot."""

    id: Annotated[str, Field(pattern=r"^[A-Z]{2}-[A-Z]{2}-\d{4}$")]
    name_zh: PlaceName
    name_en: PlaceName
    minutes: Annotated[int, Field(ge=1, le=120)]
    families: Annotated[tuple[Family, ...], Field(max_length=12)] = ()
    equipment: Annotated[tuple[Equipment, ...], Field(max_length=6)] = ()


class SiteSettings(Section):
    """What is around the terminal: the counter, other terminals (the nearest first), when offices behind it work."""

    counter: Counter | None = None
    neighbours: Annotated[tuple[Neighbour, ...], Field(max_length=20)] = ()
    office: Hours = Hours()
    """When a person works at the other end of items that need one."""


class RhythmSettings(Section):
    """How often a device is asked and how patiently; what is left out is the driver's own (`drivers.rhythm`)."""

    poll_s: Seconds | None = None
    poll_deadline_s: Seconds | None = None
    doubt_s: Seconds | None = None
    doubt_deadline_s: Seconds | None = None
    silent_s: Seconds | None = None
    first_backoff_s: Seconds | None = None
    longest_backoff_s: Seconds | None = None
    open_s: Seconds | None = None


class DeviceSettings(Section):
    """One device: which driver (an entry point, `drivers.registry`), over which link, with which options of its own."""

    driver: str
    link: str
    options: dict[str, Any] = {}
    rhythm: RhythmSettings | None = None
    expects: Expected | None = None


class PlatformSettings(Section):
    """The municipal service platform."""

    url: Annotated[str, Field(pattern=r"^https?://")]
    deadline_s: Seconds = 8.0
    token: Annotated[str, Field(max_length=200)] = ""
    sealing_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""
    """X25519 key (hex) to which applications are sealed that wait for the network; empty: none is kept."""
    sealing: Literal["X25519-SHA256-AES256GCM", "X25519-SHA256-SM4GCM"] = "X25519-SHA256-AES256GCM"
    """How they are sealed."""
    public_key: Annotated[str, Field(pattern=r"^([0-9a-f]{64}|[0-9a-f]{128})$")]
    """Key (hex; Ed25519 64 digits, SM2 128) that signs every reply which carries power: permissions, acceptances."""
    activation: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{0,40}$")] = ""
    """Code with which this terminal makes its key known at the platform; used once, may be taken out afterwards."""
    signature: Literal["ed25519", "sm2-sm3"] = "ed25519"
    """What a new device key signs requests with."""
    ca: Path | None = None
    """Certificates (PEM) of the authorities that may vouch for the platform; left out: the machine's own."""
    client_certificate: Path | None = None
    """This terminal's certificate (PEM), where the platform asks for one."""
    client_key: Path | None = None
    """The private key (PEM) of `client_certificate`."""
    heartbeat_s: Annotated[float, Field(ge=10, le=3600)] = 60.0
    """How often the platform hears how the terminal is."""
    command_wait_s: Annotated[int, Field(ge=0, le=25)] = 25
    """How long one question for commands waits at the platform; 0: this terminal takes no commands."""

    @model_validator(mode="after")
    def _certificate_and_key(self) -> PlatformSettings:
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("client_certificate and client_key belong together")
        return self


CODE_PREFIX = r"^((https|HTTPS)://[^/\s]{1,100}/([A-Za-z0-9._~-]{1,30}/){0,3})?$"


class CertificateSettings(Section):
    """Codes on certificates: whose are believed, how they are printed, how old the list of void ones may be."""

    issuer_keys: Path | None = None
    """The issuers' keys (`config.issuer_keys`); left out: the simulated city's, on a real terminal none."""
    code_prefix: Annotated[str, Field(max_length=120, pattern=CODE_PREFIX)] = ""
    """Printed before the code where the issuer runs a checking page: `https://host/path/`; smaller in capitals."""
    status_hours: Annotated[int, Field(ge=1, le=720)] = 24
    """Older than this, the list of void certificates is called old beside every verdict. Hours."""


Millimetres = Annotated[float, Field(ge=100, le=2000)]


class PanelSettings(Section):
    """The panel as it hangs. Wider than high: the pages are laid out lying. Its size: `diagonal` or `mm`."""

    width: Annotated[int, Field(ge=480, le=4320)] = 1080
    """Pixels across, as the panel hangs."""
    height: Annotated[int, Field(ge=480, le=4320)] = 1920
    diagonal: Annotated[float, Field(ge=10, le=90)] | None = None
    """Inches; left out, and `mm` too: 21.5."""
    mm: tuple[Millimetres, Millimetres] | None = None
    """Visible width and height."""
    foot_mm: Annotated[float, Field(ge=0, le=1500)] | None = None
    """How high the lower edge hangs above the floor; left out, low reach keeps to a share of the height."""

    @model_validator(mode="after")
    def _can_be_laid_out(self) -> PanelSettings:
        if self.diagonal is not None and self.mm is not None:
            raise ValueError("diagonal and mm say the same; give one of them")
        self.panel().check()
        return self

    def panel(self) -> Panel:
        """The panel that these settings describe."""
        mm = self.mm or of_diagonal(self.width, self.height, self.diagonal or USUAL_DIAGONAL)
        return Panel(self.width, self.height, mm, self.foot_mm)


class WindowSettings(Section):
    """The window that shows the panel; without `width` and `height` it is as large as the panel."""

    width: Annotated[int, Field(ge=480, le=4320)] | None = None
    """Pixels of the window on a desk; the panel is drawn scaled into it."""
    height: Annotated[int, Field(ge=480, le=4320)] | None = None
    panel: PanelSettings = PanelSettings()
    fullscreen: bool = False
    mirror: str = ""
    """`host:port` where the live screen is mirrored; simulated profiles only."""
    mirror_token: Annotated[str, Field(max_length=100)] = ""
    headless: bool = False
    """Draw without a window (the mirror still shows it); for machines without a display."""


class Manners(Section):
    """How long a citizen has. Seconds, within what config/page_times.toml allows for the kind of page."""

    idle_s: Seconds = 60
    form_s: Seconds = 120
    result_s: Seconds = 30
    card_s: Seconds = 90
    pad_s: Seconds = 180
    leave_s: Seconds = 30

    @model_validator(mode="after")
    def _as_pages_may_wait(self) -> Manners:
        for name, kind in _WAITS.items():
            least, most = page_times().bounds(kind)
            if not least <= getattr(self, name) <= most:
                told = f"pages of the kind {kind} wait {least:g} to {most:g} s"
                raise ValueError(f"{name} is {getattr(self, name):g}; {told}")
        return self


_WAITS: dict[str, PageKind] = {
    "idle_s": "input",
    "form_s": "input",
    "result_s": "result",
    "card_s": "hands",
    "pad_s": "hands",
    "leave_s": "goodbye",
}


class PaymentSettings(Section):
    """How fees can be paid here, and when the day is closed."""

    ways: Annotated[tuple[Literal["shown", "card", "scanned"], ...], Field(min_length=1, max_length=3)] = ("card",)
    """shown: a code for the citizen's phone; card: the pad; scanned: the citizen's payment code at the camera."""
    day_end: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "23:30"
    """When the pad hands in its batch and the day is compared: HH:MM, the terminal's zone; later while one is here."""


class FaceSettings(Section):
    """How a face is compared with the card's portrait."""

    matcher: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]{0,39}$")] = "sface"
    """An entry point of the group `kiosk.face_matchers` (docs/face-matchers.md)."""
    challenges: Annotated[int, Field(ge=0, le=3)] = 0
    """Hints that a person stands there: how many things to do are asked for; an item may ask for its own number."""


class Settings(Section):
    """Everything a terminal is told. Loaded by `config.load.load_settings`."""

    simulated: bool
    """True only in profiles for desks and tests: specimen marks on everything, simulator links allowed."""
    terminal: Terminal
    state_dir: Path
    devices: dict[Role, DeviceSettings]
    platform: PlatformSettings
    window: WindowSettings = WindowSettings()
    screen: ScreenSettings = ScreenSettings()
    manners: Manners = Manners()
    certificates: CertificateSettings = CertificateSettings()
    payments: PaymentSettings = PaymentSettings()
    face: FaceSettings = FaceSettings()
    speech: SpeechSettings = SpeechSettings()
    keypad: KeypadSettings = KeypadSettings()
    site: SiteSettings = SiteSettings()
    technician: TechnicianSettings = TechnicianSettings()
    remote: RemoteSettings = RemoteSettings()
    fleet: FleetSettings = FleetSettings()
    health: HealthSettings = HealthSettings()
    power: PowerSettings = PowerSettings()
    night: NightSettings = NightSettings()
    updates: UpdateSettings = UpdateSettings()
    trace_dir: Path | None = None
    """Where what crosses the wires is recorded, personal data masked (`kiosk trace`); nowhere when left out."""
    trace_mb: Annotated[int, Field(ge=1, le=1000)] = 50
    """Size of all recordings together, in MiB; the oldest go first."""

    @model_validator(mode="before")
    @classmethod
    def _left_out(cls, given: Any) -> Any:
        """Take the devices out of the tree that `terminal.without` names; what has no such shape is judged next."""
        terminal, devices = (given.get(name) for name in ("terminal", "devices")) if isinstance(given, dict) else (0, 0)
        without = terminal.get("without") if isinstance(terminal, dict) else None
        if not isinstance(without, list | tuple) or not isinstance(devices, dict):
            return given
        return {**given, "devices": {role: device for role, device in devices.items() if role not in without}}

    @model_validator(mode="after")
    def _safe(self) -> Self:
        """A real terminal has no simulator, no mirror and no stand-in codecs (fails closed)."""
        if self.simulated:
            return self
        faults = []
        if self.window.mirror:
            faults.append("window.mirror: the mirror exists only in a simulated profile")
        if not self.platform.url.startswith("https://"):
            faults.append("platform.url: a real terminal talks to the platform only over https://")
        if is_loopback(self.platform.url):
            faults.append("platform.url: loopback is where the simulator listens")
        if self.platform.public_key in SIMULATED_KEYS:
            faults.append("platform.public_key: this is the simulated platform's key; anybody can sign with it")
        if self.fleet.broker.startswith("mqtt://") and not is_loopback(self.fleet.broker):
            faults.append("fleet.broker: a real terminal talks to a broker elsewhere only over mqtts://")
        if self.fleet.room.startswith("http://") and not is_loopback(self.fleet.room):
            faults.append("fleet.room: a real terminal brings bundles elsewhere only over https://")
        if self.technician.test_roster:
            faults.append("technician.test_roster: the PINs of the test technicians are published")
        for name, device in self.devices.items():
            if device.link.startswith("memory:") or is_loopback(device.link):
                faults.append(f"devices.{name}.link: {device.link} is a simulator's link")
            if device.link.startswith("serial:"):
                path = normpath(urlsplit(device.link).path)
                if not path.startswith("/dev/") or path.startswith("/dev/pts/"):
                    faults.append(f"devices.{name}.link: {device.link} is no port under /dev: a simulator's pty")
            if device.link.startswith("evdev:") and not normpath(urlsplit(device.link).path).startswith("/dev/input/"):
                faults.append(f"devices.{name}.link: {device.link} is no keyboard under /dev/input: a simulator's pipe")
            if device.options.get("portrait") == "standin":
                faults.append(f"devices.{name}.options.portrait: the stand-in portrait codec is the simulator's")
        if faults:
            raise ValueError("; ".join(faults))
        return self


SIMULATED_KEYS = frozenset({"fdfd5e673966080eaecfd2b2dfc985197d16fce0e538387b853d929a8f3ce2c5"})
"""Public keys whose private half is in the simulator's source."""
