"""Checking codes without a network: every verdict, the issuers' keys, the list of void certificates, the command."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
from typer.testing import CliRunner

from config.certificate_code import parse_code
from config.issuer_keys import SIMULATED_ISSUERS, load_issuer_keys
from config.load import SettingsError, load_settings
from kiosk.cli.commands import app
from kiosk.clock import WEIHAI
from kiosk.platform.errors import BadReply, BadSignature, Unreachable
from kiosk.platform.messages import StatusList, VoidCertificate
from kiosk.printing.certificate_check import State, check
from kiosk.printing.certificate_data import CertificateData
from kiosk.printing.status_list import StatusLists, keep_current
from simulator.platform import issuing
from simulator.platform.signing import PUBLIC_KEY, signed
from simulator.virtual_time import run_virtual

TODAY = date(2026, 11, 21)
AT = datetime(2026, 11, 21, 12, 0, tzinfo=WEIHAI)
IDENTIFIER = "1.2.156.3005.2.11100000000013338W032.11371000MB2856435T.20260100001.001.W"
DATA = CertificateData(
    "insured-status", IDENTIFIER, "社会保险个人参保证明", "张秀荣", "371002********5015", "在我市参加社会保险：",
    ("险种",), (("失业保险",),), "威海市社会保险服务中心", TODAY, "求职", date(2027, 2, 21), "", "SI-261121-00001",
)  # fmt: skip
KEYS = load_issuer_keys(None, simulated=True)


def code(algorithm: Any = "ED25519", flaw: str = "", **changes: Any) -> str:
    return issuing.code_of(replace(DATA, **changes).facts(), algorithm, flaw)


def listed(*identifiers: str, at: datetime = AT) -> StatusList:
    void = tuple(VoidCertificate(each, TODAY, "replaced") for each in identifiers)
    return StatusList(len(void), at, at + timedelta(days=1), void)


@pytest.mark.parametrize("algorithm", ["ED25519", "SM2"])
def test_a_true_code_is_valid_in_both_algorithms_and_says_what_is_on_it(algorithm: str) -> None:
    verdict = check(code(algorithm), KEYS, listed(), TODAY, facts=DATA.facts())
    assert (verdict.state, verdict.reason, verdict.as_of) == ("valid", "", AT)
    assert verdict.code is not None
    assert (verdict.code.holder, verdict.code.identifier, verdict.code.valid_until) == (
        "张*荣",
        IDENTIFIER,
        date(2027, 2, 21),
    )
    assert verdict.issuer is not None
    assert verdict.issuer.zh.startswith("威海市")


def test_without_a_list_nothing_is_said_of_voiding() -> None:
    assert check(code(), KEYS, None, TODAY).as_of is None


def cases() -> list[tuple[str, str, str, Any]]:
    text = code()
    parts = text.split("/")
    other = code(holder_name="李小明")
    return [
        ("a character of the signature", "altered", "signature", code(flaw="code-forged")),
        ("the SM2 signature", "altered", "signature", code("SM2", flaw="code-forged")),
        ("the signature of another code", "altered", "signature", "/".join([*parts[:-1], other.split("/")[-1]])),
        ("a later last day", "altered", "signature", text.replace("/20270221/", "/20370221/")),
        ("no last day", "altered", "signature", text.replace("/20270221/", "/0/")),
        ("another holder", "altered", "signature", text.replace(parts[5], other.split("/")[5])),
        ("the other algorithm's name", "altered", "algorithm", text.replace("/ED25519/", "/SM2/")),
        ("cut short", "altered", "form", text[:-3]),
        ("another identifier", "altered", "form", text.replace("20260100001.001.W", "20260100002.001.W")),
        ("a payment code", "unknown", "foreign", "https://qr.alipay.com/bax05351hgqz"),
        ("an acceptance slip", "unknown", "foreign", "WHA1.3710022611210047"),
        ("an older code", "unknown", "version", "WHC1.abc.def"),
        ("a key that nobody knows", "unknown", "key", code(flaw="code-unknown-key")),
        ("issued before its key's days", "unknown", "key-days", code(issued_on=date(2025, 12, 31))),
        ("issued tomorrow", "unknown", "key-days", code(issued_on=TODAY + timedelta(days=1))),
        ("yesterday was the last day", "expired", "", code(valid_until=TODAY - timedelta(days=1))),
    ]


@pytest.mark.parametrize(("what", "state", "reason", "text"), cases(), ids=[case[0] for case in cases()])
def test_every_other_verdict_and_why(what: str, state: str, reason: str, text: str) -> None:
    verdict = check(text, KEYS, listed(), TODAY)
    assert (verdict.state, verdict.reason) == (state, reason), what
    assert (verdict.code is None) == (state in ("altered", "unknown"))


def test_the_last_day_still_counts_and_no_last_day_never_ends() -> None:
    assert check(code(valid_until=TODAY), KEYS, None, TODAY).state == "valid"
    assert check(code(valid_until=None), KEYS, None, date(2035, 1, 1)).state == "valid"


def test_void_comes_before_expired_and_after_altered() -> None:
    old = code(valid_until=TODAY - timedelta(days=1))
    verdict = check(old, KEYS, listed(IDENTIFIER), TODAY)
    assert (verdict.state, verdict.reason, verdict.since) == ("void", "replaced", TODAY)
    assert check(code(flaw="code-forged"), KEYS, listed(IDENTIFIER), TODAY).state == "altered"
    assert check(code(), KEYS, listed(IDENTIFIER[:-1] + "X"), TODAY).state == "valid"


@pytest.mark.parametrize("algorithm", ["ED25519", "SM2"])
@pytest.mark.parametrize(
    "change",
    [
        {"title": "别的证明"}, {"rows": (("工伤保险",),)}, {"purpose": "贷款"}, {"serial": "SI-261121-00002"},
        {"kind": "copy"}, {"holder_number_masked": "371002********5016"}, {"statement": "在我市没有记录。"},
    ],
    ids=str,
)  # fmt: skip
def test_a_paper_that_says_something_else_does_not_fit_its_code(change: dict[str, Any], algorithm: str) -> None:
    verdict = check(code(algorithm), KEYS, None, TODAY, facts=replace(DATA, **change).facts())
    assert (verdict.state, verdict.reason) == ("altered", "digest")


def test_no_other_state_is_spoken_of() -> None:
    assert {case[1] for case in cases()} | {"valid", "void"} == set(get_args(State))


# Keys


def keys_file(folder: Path, text: str) -> Path:
    path = folder / "issuers.toml"
    path.write_text(text, encoding="utf-8")
    return path


KEY = """
[[key]]
id = "{id}"
algorithm = "{algorithm}"
public_key = "{key}"
issuer = {{ zh = "威海市", en = "Weihai" }}
not_before = 2026-01-01
not_after = 2027-12-31
"""


def test_a_real_terminal_believes_no_simulated_issuer(tmp_path: Path) -> None:
    assert dict(load_issuer_keys(None, simulated=False)) == {}
    with pytest.raises(SettingsError, match="SIM-E1, SIM-S1"):
        load_issuer_keys(SIMULATED_ISSUERS, simulated=False)
    renamed = KEY.format(id="WH-2026", algorithm="ed25519", key=KEYS["SIM-E1"].public_key)
    with pytest.raises(SettingsError, match="WH-2026: a simulated issuer's key"):
        load_issuer_keys(keys_file(tmp_path, renamed), simulated=False)


def test_a_terminal_s_own_keys(tmp_path: Path) -> None:
    own = keys_file(tmp_path, KEY.format(id="WH-2026", algorithm="ed25519", key="11" * 32))
    assert list(load_issuer_keys(own, simulated=False)) == ["WH-2026"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "key"),
        (KEY.format(id="WH-1", algorithm="sm2", key="11" * 32), "an sm2 key has 64 octets"),
        (KEY.format(id="WH-1", algorithm="sm2", key="11" * 64), "not on the SM2 curve"),
        (KEY.format(id="wh", algorithm="ed25519", key="11" * 32), "key.0.id"),
        (KEY.format(id="WH-1", algorithm="rsa", key="11" * 32), "key.0.algorithm"),
        (KEY.format(id="WH-1", algorithm="ed25519", key="11" * 32) * 2, "used twice"),
        (KEY.format(id="WH-1", algorithm="ed25519", key="11" * 32).replace("2027-12", "2025-12"), "before not_before"),
        (KEY.format(id="WH-1", algorithm="ed25519", key="11" * 32) + 'colour = "red"', "colour"),
    ],
)
def test_wrong_key_files_are_told_of(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        load_issuer_keys(keys_file(tmp_path, text), simulated=True)


@pytest.mark.parametrize(
    "prefix", ["http://a.b/", "https://a.b", "https://a.b/x?y=", "https://a b/", "https://" + "a" * 200]
)
def test_a_prefix_that_no_code_may_have_is_a_fault(prefix: str) -> None:
    with pytest.raises(SettingsError, match=r"certificates\.code_prefix"):
        load_settings("simulated", overrides={"certificates.code_prefix": prefix})


# The list of void certificates


def reply(sequence: int, at: datetime = AT, void: list[Any] | None = None) -> dict[str, Any]:
    stamps = {"issued_at": at.isoformat(), "next_update": (at + timedelta(days=1)).isoformat()}
    return signed({"sequence": sequence, **stamps, "void": void or []})


VOID = {"identifier": IDENTIFIER, "since": "2026-11-20", "reason": "revoked"}


def test_a_list_is_kept_and_read_again(tmp_path: Path) -> None:
    lists = StatusLists(tmp_path, PUBLIC_KEY)
    assert lists.kept() is None
    lists.keep(reply(1, void=[VOID]))
    kept = StatusLists(tmp_path, PUBLIC_KEY).kept()
    assert kept is not None
    assert check(code(), KEYS, kept, TODAY).state == "void"


def test_a_list_never_goes_back(tmp_path: Path) -> None:
    lists = StatusLists(tmp_path, PUBLIC_KEY)
    lists.keep(reply(2, void=[VOID]))
    assert lists.keep(reply(1)).sequence == 2
    assert lists.keep(reply(2, AT - timedelta(hours=1))).issued_at == AT
    kept = lists.kept()
    assert kept is not None
    assert kept.void


@pytest.mark.parametrize(
    "spoil", [b"", b"{", b"[]", b"{}", b"\xff", b'{"sequence":1}', b"[" * 100_000, b" " * ((1 << 20) + 1)]
)
def test_a_list_that_was_altered_counts_as_none(tmp_path: Path, spoil: bytes) -> None:
    lists = StatusLists(tmp_path, PUBLIC_KEY)
    lists.keep(reply(1, void=[VOID]))
    lists.path.write_bytes(spoil)
    assert lists.kept() is None


def test_no_name_can_be_taken_off_a_kept_list(tmp_path: Path) -> None:
    lists = StatusLists(tmp_path, PUBLIC_KEY)
    lists.keep(reply(1, void=[VOID]))
    written = json.loads(lists.path.read_bytes())
    lists.path.write_text(json.dumps({**written, "void": []}), encoding="utf-8")
    assert lists.kept() is None
    with pytest.raises(BadSignature):
        lists.keep({**reply(3), "sequence": 4})
    with pytest.raises(BadReply):
        lists.keep(signed({"sequence": 1}))


class Wire:
    """A platform that has a list, or is away, or never answers."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def status_list(self) -> Any:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "silent":
            await asyncio.sleep(3600)
        if isinstance(answer, Exception):
            raise answer
        return answer


@pytest.mark.parametrize("away", [Unreachable("no route"), "silent"])
def test_without_a_network_the_kept_list_counts_within_three_seconds(tmp_path: Path, away: Any) -> None:
    async def main() -> None:
        lists = StatusLists(tmp_path, PUBLIC_KEY)
        lists.keep(reply(1, AT - timedelta(days=9), [VOID]))
        began = asyncio.get_running_loop().time()
        found = await lists.current(Wire(away), AT, online=True)  # type: ignore[arg-type]  # the one call that is made
        assert found is not None
        assert found.issued_at == AT - timedelta(days=9)
        assert asyncio.get_running_loop().time() - began <= 3.01

    run_virtual(main())


def test_a_fresh_list_is_not_asked_for_again(tmp_path: Path) -> None:
    async def main() -> None:
        lists, wire = StatusLists(tmp_path, PUBLIC_KEY), Wire(reply(1))
        for _ in range(3):
            await lists.current(wire, AT + timedelta(minutes=5), online=True)  # type: ignore[arg-type]  # as above
        assert wire.asked == 1
        await lists.current(wire, AT + timedelta(minutes=16), online=True)  # type: ignore[arg-type]  # as above
        assert wire.asked == 2

    run_virtual(main())


def test_the_list_is_kept_current_and_tried_again_after_a_minute(tmp_path: Path) -> None:
    async def main() -> None:
        wire = Wire(Unreachable("away"), Unreachable("away"), reply(1), reply(2))
        lists = StatusLists(tmp_path, PUBLIC_KEY)
        task = asyncio.ensure_future(keep_current(lists, wire))  # type: ignore[arg-type]  # as above
        await asyncio.sleep(121)
        assert wire.asked == 3
        await asyncio.sleep(1800)
        assert wire.asked == 4
        task.cancel()

    run_virtual(main())


# The command


def run(folder: Path, text: str) -> Any:
    layer = folder / "machine.toml"
    layer.write_text(f'state_dir = "{folder}"\n', encoding="utf-8")
    return CliRunner().invoke(app, ["certificate", "verify", text, "--machine", str(layer)])


def test_the_command_says_the_verdict_and_what_is_on_the_code(tmp_path: Path) -> None:
    today = datetime.now(WEIHAI).date()
    text = code(issued_on=today, valid_until=None)
    result = run(tmp_path, text)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("valid\n")
    assert IDENTIFIER in result.output
    assert "none: not checked" in result.output
    StatusLists(tmp_path, PUBLIC_KEY).keep(reply(1, void=[VOID]))
    result = run(tmp_path, text)
    assert (result.exit_code, result.output.splitlines()[0]) == (1, "void (revoked)")
    assert "as of 2026-11-21 12:00+0800" in result.output
    assert run(tmp_path, "https://example.com/").output == "unknown (foreign)\n"


def test_the_code_never_holds_the_whole_name_or_number() -> None:
    text = code()
    assert parse_code(text).holder == "张*荣"
    assert "5015" not in text
