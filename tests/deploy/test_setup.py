"""`kiosk setup`: from an answers file to a machine.toml that loads; resumed, refused, and what it never loses."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from config.load import load_settings, parse_toml, read_toml
from drivers.discovery import Candidate, Finding
from kiosk.cli.commands import app
from kiosk.setup.asking import AnswersFile, Person
from kiosk.setup.checks import Check, checks, clock_synchronised
from kiosk.setup.machine_file import toml_text, write_whole
from kiosk.setup.places import CREDENTIALS, Places
from kiosk.setup.questions import STEPS, Question, WrongAnswer, questions
from kiosk.setup.sockets import device_tables, named_by_socket, socket_of
from kiosk.setup.walk import SetupError, Walk, enrol
from simulator.platform.app import create_app
from simulator.platform.inprocess import InProcessAdapter

ROOT = Path(__file__).parents[2]
DEFAULT = ROOT / "config/deploy/root/usr/share/weihai-kiosk/default.toml"
EYE_SOCKET = "pci-0000:00:14.0-usb-0:3:1.0"
KEY = "ab" * 32
ANSWERS: dict[str, Any] = {
    "terminal": {"id": "WH-HC-0007", "hall_zh": "环翠区政务服务中心", "hall_en": "Huancui Centre", "number": 7},
    "platform": {"url": "https://platform.example.gov.cn", "public_key": KEY, "activation": "A-1"},
}
LINKS = {
    "id_card": {"driver": "sam", "link": "serial:///dev/ttyS90?baud=115200"},
    "receipt_printer": {"driver": "escpos", "link": "serial:///dev/ttyS91?baud=115200"},
    "licence_printer": {"driver": "ipp", "link": "ipp://192.0.2.31:631/ipp/print"},
    "payment_pad": {"driver": "zvt", "link": "tcp://192.0.2.32:20007"},
    "camera": {"driver": "opencv", "link": "/dev/video90"},
}
READER = Finding(
    Candidate("serial", "/dev/serial/by-id/usb-1a86-if00", "/dev/ttyUSB0", "1a86:7523"),
    None,
    "id_card.sam",
    "serial:///dev/serial/by-id/usb-1a86-if00?baud=115200",
    "SAM 05.03",
)
EYE = Finding(Candidate("video", "/dev/v4l/by-id/eye", "/dev/video0"), None, "camera.opencv", "/dev/v4l/by-id/eye")
DESK = Finding(Candidate("video", "/dev/v4l/by-id/desk", "/dev/video2"), None, "camera.opencv", "/dev/v4l/by-id/desk")


def udev(command: Sequence[str]) -> str:
    """A machine on which the reader and one camera have sockets with a name."""
    paths = {"/dev/ttyUSB0": "pci-0000:00:14.0-usb-0:2:1.0", "/dev/video0": EYE_SOCKET}
    device = command[-1].removeprefix("--name=")
    return f"DEVNAME={device}\nID_PATH={paths[device]}\n" if device in paths else ""


@pytest.fixture(name="places")
def _places(tmp_path: Path) -> Places:
    profile = tmp_path / "default.toml"
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    text = DEFAULT.read_text("utf-8").replace("/var/lib/weihai-kiosk", str(state))
    profile.write_text(text, encoding="utf-8")
    etc = tmp_path / "etc"
    etc.mkdir()
    # What is on the network is the hall's: the scan of a test finds only what it is given.
    write_whole(etc / "site.toml", {"devices": LINKS}, None)
    return Places(str(profile), etc, tmp_path / "71.rules", udev)


def answered(places: Places, tree: dict[str, Any], findings: Sequence[Finding] = ()) -> list[str]:
    said: list[str] = []
    Walk(places, AnswersFile(tree, said.append), lambda: findings).run()
    return said


def test_answers_and_devices_become_a_machine_file_that_loads(places: Places) -> None:
    answered(places, ANSWERS, [READER, EYE, DESK])
    settings = places.settings(places.machine)
    assert settings.terminal.number == 7
    assert settings.terminal.help_phone == "0631-12345"
    assert settings.devices["id_card"].link == "serial:///dev/kiosk/id-card?baud=115200"
    assert settings.devices["camera"].link == "/dev/kiosk/camera"
    assert settings.devices["document_camera"].link == "/dev/v4l/by-id/desk", "no socket is known: its own name"
    rules = places.rules.read_text("utf-8").splitlines()
    assert rules[1:] == [
        'SUBSYSTEM=="tty", ENV{ID_PATH}=="pci-0000:00:14.0-usb-0:2:1.0", SYMLINK+="kiosk/id-card"',
        f'SUBSYSTEM=="video4linux", ENV{{ID_PATH}}=="{EYE_SOCKET}", ATTR{{index}}=="0", SYMLINK+="kiosk/camera"',
    ]
    assert stat.S_IMODE(places.machine.stat().st_mode) == 0o640
    assert sorted(path.name for path in places.etc.iterdir()) == ["machine.toml", "site.toml"]


def bare(places: Places) -> Places:
    """A hall that shares no device."""
    places.site.unlink()
    return places


def test_a_device_can_be_left_out_and_comes_back_when_it_is_found(places: Places) -> None:
    none = {role: {"link": "无"} for role in ("id_card", "receipt_printer", "payment_pad", "camera")}
    printer = {"licence_printer": LINKS["licence_printer"]}
    cards_only = {"payments": {"ways": ["card"]}}
    said = answered(bare(places), {**ANSWERS, **cards_only, "devices": {**none, **printer}})
    assert "payment_pad: none here; what needs it is not offered" in said
    settings = places.settings(places.machine)
    assert sorted(settings.terminal.without) == sorted(none)
    assert list(settings.devices) == ["licence_printer"]
    looked = {check.name: check for check in checks(places, synchronised=True)}
    assert looked["devices"].well is True
    assert "receipt printer" in looked["devices"].sentence
    assert looked["payments"].well is None, "phones may pay, once somebody allows it"
    answered(places, {}, [READER])  # the answers of before stand; a reader was plugged in since
    settings = places.settings(places.machine)
    assert "id_card" in settings.devices
    assert "id_card" not in settings.terminal.without
    assert "camera" in settings.terminal.without


def test_a_machine_without_what_its_hall_shares(places: Places) -> None:
    answered(places, {**ANSWERS, "terminal": {**ANSWERS["terminal"], "without": ["licence_printer"]}})
    assert set(places.settings(places.machine).devices) == set(LINKS) - {"licence_printer"}
    assert all(check.well is not False for check in checks(places, synchronised=True) if check.name == "devices")


def test_a_device_that_was_forgotten_is_told_from_one_that_was_left_out(places: Places) -> None:
    with pytest.raises(SetupError, match=r"devices\.id_card\.link: .*terminal\.without = \['id_card'\]"):
        answered(bare(places), ANSWERS)
    terminal = {**ANSWERS["terminal"], "division": "371002", "help_phone": "0631-12345"}
    tree = {**ANSWERS, "terminal": terminal, "devices": {"camera": LINKS["camera"]}}
    write_whole(places.machine, tree, None)
    forgotten = next(check for check in checks(places, synchronised=True) if check.name == "devices")
    assert forgotten.well is False
    assert "id card, receipt printer, licence printer, payment pad" in forgotten.sentence
    assert '"payment_pad"' in forgotten.remedy


def test_what_the_hall_shares_is_not_asked(places: Places) -> None:
    terminal = {**ANSWERS["terminal"], "number": 3, "division": "371081"}
    write_whole(places.site, {"terminal": terminal, "platform": ANSWERS["platform"], "devices": LINKS}, None)
    said = answered(places, {"terminal": {"number": 9}})
    phone = "0631-12345"  # the site says none: the usual one
    assert read_toml(places.machine) == {"terminal": {"number": 9, "help_phone": phone}}
    assert places.settings(places.machine).terminal.division == "371081"
    assert "terminal.hall_zh: as site.toml says" in said


def test_an_interrupted_walk_goes_on_where_it_was(places: Places) -> None:
    def unplugged() -> Sequence[Finding]:
        raise OSError("the hub was unplugged")

    said: list[str] = []
    with pytest.raises(SetupError, match="unplugged"):
        Walk(places, AnswersFile(ANSWERS, said.append), unplugged).run()
    assert not places.machine.exists()
    said = answered(places, {}, [READER])
    assert said[0] == "going on where it was left; done: site, platform"
    assert "site: done before" in said
    assert places.settings(places.machine).terminal.id == "WH-HC-0007"


def test_a_device_that_no_scan_finds_is_asked_for(places: Places) -> None:
    places.site.unlink()
    with pytest.raises(SetupError, match=r"devices\.receipt_printer\.link: an answer is needed"):
        answered(places, ANSWERS, [READER])
    links = {name: {"link": table["link"]} for name, table in LINKS.items()}
    answered(places, {**ANSWERS, "devices": links})
    devices = places.settings(places.machine).devices
    assert {role: (table.driver, table.link) for role, table in devices.items()} == {
        role: (table["driver"], table["link"]) for role, table in LINKS.items()
    }


def test_run_again_it_keeps_what_is_there(places: Places) -> None:
    answered(places, ANSWERS, [READER])
    answered(places, {"terminal": {"number": 8}})
    settings = places.settings(places.machine)
    assert (settings.terminal.number, settings.terminal.id) == (8, "WH-HC-0007")
    assert "id_card" in settings.devices, "nothing was plugged in the second time: what was set stays"


def test_settings_that_do_not_fit_together_leave_the_old_file(places: Places) -> None:
    answered(places, ANSWERS)
    before = places.machine.read_bytes()
    with pytest.raises(SetupError, match="only over https"):
        answered(places, {"platform": {"url": "http://platform.example.gov.cn"}})
    assert places.machine.read_bytes() == before
    assert places.part.exists(), "what was answered is kept"


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("terminal.id", "WH-1"),
        ("terminal.id", ""),
        ("terminal.number", "0"),
        ("terminal.number", "seven"),
        ("terminal.number", "９"),
        ("terminal.hall_zh", "环" * 61),
        ("terminal.hall_en", "a\x1b[2J"),
        ("platform.public_key", "xyz"),
        ("platform.url", "ftp://x"),
        ("fleet.broker", "http://x"),
        ("devices.payment_pad.link", "yes"),
    ],
)
def test_an_answer_that_the_setting_cannot_take_is_refused_by_name(key: str, typed: str) -> None:
    question = next(each for each in questions() if each.key == key)
    with pytest.raises(WrongAnswer, match=key):
        question.value(typed)


def test_every_question_is_a_setting_and_every_step_is_walked() -> None:
    for question in questions():
        assert question.step in STEPS
        assert question.usual == "" or question.value("") is not None
        with pytest.raises(WrongAnswer):
            question.value("\x00")


def test_a_person_is_asked_again_until_it_can_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(["nonsense", "WH-HC-0012"])
    asked: list[tuple[str, str]] = []

    def prompt(words: str, *, default: str, show_default: bool) -> str:
        asked.append((words, default))
        return next(typed)

    monkeypatch.setattr("kiosk.setup.asking.typer.prompt", prompt)
    person, said = Person("zh"), list[str]()
    person.say = said.append
    question = next(each for each in questions() if each.key == "terminal.id")
    assert person.answer(question, "WH-HC-0001") == "WH-HC-0012"
    assert asked[0] == (question.zh, "WH-HC-0001")
    assert said[0].startswith("terminal.id: ")


def test_the_first_of_each_family_and_a_second_camera_for_the_desk() -> None:
    tables = device_tables([Finding(READER.candidate), READER, READER, EYE, DESK])
    assert list(tables) == ["id_card", "camera", "document_camera"]
    assert tables["document_camera"]["options"] == {"mirror": False}


def test_names_that_could_break_a_rule_are_not_written() -> None:
    assert socket_of("/dev/ttyUSB0", lambda _: 'ID_PATH=x", RUN+="/bin/sh\n') == ""
    named, rules = named_by_socket(device_tables([READER]), [READER], lambda _: "")
    assert rules == []
    assert named["id_card"]["link"] == READER.link


VALUES = st.recursive(
    st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=10), VALUES, max_size=5))
def test_what_is_written_reads_the_same(tree: dict[str, Any]) -> None:
    def without_surrogates() -> bool:
        try:
            json.dumps(tree, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return False
        return True

    if without_surrogates():
        assert parse_toml(toml_text(tree).encode(), "x") == tree


def test_the_checks_say_what_to_do(places: Places) -> None:
    answered(places, ANSWERS, [READER])
    found = {each.name: each for each in checks(places, synchronised=False)}
    assert found["settings"].well is True
    assert found["id_card"].well is False
    assert "cable" in found["id_card"].remedy
    assert found["clock"] == Check("clock", False, "it is not held to a time server", found["clock"].remedy)
    assert found["enrolment"].well is None
    assert found["state"].well is not False
    places.settings(places.machine).state_dir.chmod(0o755)
    assert {each.name: each.well for each in checks(places, synchronised=True)}["state"] is False


def test_root_reads_certificates_where_they_come_from(places: Places) -> None:
    tls = {"client_key": f"{CREDENTIALS}terminal.key", "client_certificate": f"{CREDENTIALS}terminal.pem"}
    answered(places, {**ANSWERS, "platform": {**ANSWERS["platform"], **tls}})
    settings = places.settings(places.machine, for_root=True)
    assert settings.platform.client_key == places.secrets / "terminal.key"
    assert {each.name: each.well for each in checks(places, True)}["certificate terminal"] is False


def test_the_kernel_says_whether_the_clock_is_held() -> None:
    assert clock_synchronised() in (True, False, None)


def test_the_command_from_a_file_and_its_exit_codes(places: Places, tmp_path: Path) -> None:
    answers = tmp_path / "answers.toml"
    write_whole(answers, {**ANSWERS, "devices": {"camera": {"driver": "opencv", "link": "/dev/video99"}}}, None)
    common = ["setup", "--etc", str(places.etc), "--profile", places.profile]
    run = CliRunner().invoke(app, [*common, "--answers", str(answers), "--no-enrol"])
    assert run.exit_code == 1, run.output
    assert "NO   camera: /dev/video99 is not there" in run.output
    assert CliRunner().invoke(app, [*common, "--check"]).exit_code == 1
    write_whole(answers, {"terminal": {"id": "nonsense"}}, None)
    run = CliRunner().invoke(app, [*common, "--answers", str(answers), "--no-enrol"])
    assert run.exit_code == 2
    assert "terminal.id" in run.output


def test_the_words_of_a_question_fit_one_line() -> None:
    assert all(isinstance(each, Question) and len(each.zh) <= 60 for each in questions())
    assert load_settings("simulated").simulated


def test_it_makes_the_terminal_known_at_the_platform(tmp_path: Path) -> None:
    """With the activation code; a platform that is not there is told, and nothing is lost."""
    app_ = create_app(":memory:", lambda: datetime.now().astimezone())
    session = requests.Session()
    session.mount("http://", InProcessAdapter(app_))
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    places = Places("simulated", tmp_path)
    write_whole(places.machine, {"state_dir": str(state)}, None)
    before = {each.name: each.well for each in checks(places, synchronised=True)}
    assert before["enrolment"] is None
    assert enrol(places, session) == ""
    after = {each.name: each for each in checks(places, synchronised=True)}
    assert after["enrolment"].sentence == "known at the platform as WH-HC-0003"
    assert stat.S_IMODE((state / "device.key").stat().st_mode) == 0o600
    write_whole(places.machine, {"state_dir": str(state), "platform": {"url": "http://127.0.0.1:9"}}, None)
    assert enrol(places).startswith("Unreachable: ")
    session.close()
    app_.state.city.store.close()
