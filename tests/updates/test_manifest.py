"""The signed manifest: believed or not, wanted or not, by which ring; and what is fetched is what was signed."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from config import sm2
from kiosk.platform.signing import canonical
from kiosk.updates.fetching import CannotFetch, fetch_file, fetch_manifest
from kiosk.updates.manifest import MAX_BYTES, BadManifest, read_manifest, version_key, why_not
from kiosk.updates.rings import begins_at, share_of
from tests.updates.release import NOW, PUBLIC, put, signed, tree

LARGE = bytes(range(256)) * 1200


def read(**more: Any) -> Any:
    return read_manifest(signed(tree(**more)), PUBLIC)


def test_a_manifest_is_believed_by_its_signature_alone() -> None:
    manifest = read()
    assert (manifest.version, manifest.file("package").name) == ("0.2.0", "kiosk-0.2.0.deb")
    for data in (
        signed(tree(), Ed25519PrivateKey.generate()),
        json.dumps(tree()).encode(),
        signed(tree()).replace(b"0.2.0", b"0.2.1"),
    ):
        with pytest.raises(BadManifest, match="signature"):
            read_manifest(data, PUBLIC)


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"null", b"[" * 5000, b'{"signature": 5}', b"x" * (MAX_BYTES + 1)])
def test_what_is_no_manifest_is_a_sentence(data: bytes) -> None:
    with pytest.raises(BadManifest):
        read_manifest(data, PUBLIC)


@given(st.binary(max_size=300))
def test_no_bytes_are_a_program_error(data: bytes) -> None:
    with pytest.raises(BadManifest):
        read_manifest(data, PUBLIC)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"version": "new"}, "version"),
        ({"files": []}, "files"),
        ({"surprise": 1}, "surprise"),
        ({"journal": {"writes": 2, "reads": [1]}}, "reads what it writes"),
        ({"not_before": "2026-11-22T01:00:00"}, "not_before"),
        ({"expires": "2020-01-01T00:00:00+08:00"}, "expires lies after"),
    ],
)
def test_a_signed_manifest_with_a_fault_says_where(change: dict[str, Any], why: str) -> None:
    with pytest.raises(BadManifest, match=why):
        read_manifest(signed({**tree(), **change}), PUBLIC)


def test_a_path_in_a_name_is_refused() -> None:
    bad = tree()
    bad["files"][0]["name"] = "../../etc/passwd"
    with pytest.raises(BadManifest, match="name"):
        read_manifest(signed(bad), PUBLIC)


def test_sm2_signs_as_well() -> None:
    key = sm2.generate()
    manifest = tree()
    data = json.dumps({**manifest, "signature": sm2.sign(key, canonical(manifest)).hex()}).encode()
    assert read_manifest(data, key.public.hex()).version == "0.2.0"


@pytest.mark.parametrize(
    ("change", "around", "why"),
    [
        ({}, {}, ""),
        ({"channel": "beta"}, {}, "channel"),
        ({}, {"serial": 2}, "older than one that was obeyed"),
        ({}, {"running": "0.2.0"}, "it runs"),
        ({}, {"running": "0.3.0"}, "versions go forward"),
        ({}, {"bad": frozenset({"0.2.0"})}, "taken back here"),
        ({}, {"now": NOW - timedelta(days=2)}, "not before"),
        ({}, {"now": NOW + timedelta(days=100)}, "expired"),
        ({"min_version": "0.1.5"}, {}, "install that first"),
        ({"journal": {"writes": 2, "reads": [2]}}, {}, "cannot read this terminal's journal"),
        ({"journal": {"writes": 2, "reads": [1, 2]}}, {}, "after going back"),
    ],
)
def test_why_a_version_is_not_for_this_terminal(change: dict[str, Any], around: dict[str, Any], why: str) -> None:
    usual: dict[str, Any] = {
        "channel": "stable",
        "running": "0.1.0",
        "now": NOW,
        "journal_schema": 1,
        "schemas_read": frozenset({1}),
        "serial": 0,
        "bad": frozenset(),
    }
    said = why_not(read_manifest(signed({**tree(), **change}), PUBLIC), **{**usual, **around})
    assert (said == "") is (why == "")
    assert why in said


def test_versions_are_ordered_as_debian_orders_them() -> None:
    ordered = ["0.9.0", "0.10.0~rc1", "0.10.0", "0.10.0+2", "0.10.1", "1.0.0"]
    assert sorted(ordered, key=version_key) == ordered


def test_rings_take_their_share_and_other_terminals_come_first_each_time() -> None:
    halls = [f"WH-HC-{number:04}" for number in range(3143)]
    early = (NOW - timedelta(hours=1)).isoformat()
    late = (NOW + timedelta(days=3)).isoformat()
    rings = [
        {"name": "pilot", "percent": 0, "from": early},
        {"name": "tenth", "percent": 10, "from": early},
        {"name": "all", "percent": 100, "from": late},
    ]
    manifest = read(rings=rings)
    first = {hall for hall in halls if begins_at(manifest, hall, "") <= NOW}
    assert len(first) == pytest.approx(314, abs=60)
    assert begins_at(manifest, next(h for h in halls if h not in first), "pilot") <= NOW
    assert {hall for hall in halls if share_of(hall, "0.3.0") < 10} != first
    assert begins_at(read(rings=rings[:1]), halls[0], "") is None


class Shelf(http.server.SimpleHTTPRequestHandler):
    """A web server that breaks off after `cut` bytes, as long as that is set, and knows ranges."""

    cut = 0

    def do_GET(self) -> None:
        path = Path(self.directory) / self.path.lstrip("/")
        if not path.is_file():
            self.send_error(404)
            return
        data, begin = path.read_bytes(), 0
        if wanted := self.headers.get("Range"):
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        data = data[begin:]
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: Shelf.cut or None])

    def log_message(self, *args: Any) -> None:
        pass


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    folder = tmp_path / "shelf"
    put(folder, tree(content=LARGE), LARGE)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Shelf(*a, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Shelf.cut = 0
    yield f"http://127.0.0.1:{server.server_port}", folder
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_a_file_is_fetched_on_from_where_it_broke(shelf: tuple[str, Path], tmp_path: Path) -> None:
    url, folder = shelf
    assert read_manifest(fetch_manifest(f"{url}/stable.json"), PUBLIC).serial == 1
    wanted = read(content=LARGE).file("package")
    target = tmp_path / "updates" / wanted.name
    Shelf.cut = 200_000
    with pytest.raises(CannotFetch):
        fetch_file(f"{url}/{wanted.name}", target, wanted.size, wanted.sha256)
    assert target.with_name(target.name + ".part").stat().st_size == 200_000
    Shelf.cut = 0
    fetch_file(f"{url}/{wanted.name}", target, wanted.size, wanted.sha256)
    assert target.read_bytes() == LARGE
    fetch_file("http://127.0.0.1:1/nobody", target, wanted.size, wanted.sha256)  # it is here: nobody is asked
    target.unlink()
    (folder / wanted.name).write_bytes(b"y" * wanted.size)
    with pytest.raises(CannotFetch, match="not the file that was signed"):
        fetch_file(f"{url}/{wanted.name}", target, wanted.size, wanted.sha256)
    (folder / wanted.name).write_bytes(LARGE * 2)
    with pytest.raises(CannotFetch, match="larger than"):
        fetch_file(f"{url}/{wanted.name}", target, wanted.size, wanted.sha256)
    with pytest.raises(CannotFetch, match="404"):
        fetch_manifest(f"{url}/beta.json")
    (folder / "stable.json").write_bytes(b" " * (MAX_BYTES + 1))
    with pytest.raises(CannotFetch, match="larger than"):
        fetch_manifest(f"{url}/stable.json")


def test_a_manifest_that_breaks_off_is_a_sentence(shelf: tuple[str, Path]) -> None:
    url, _ = shelf
    Shelf.cut = 100
    with pytest.raises(CannotFetch, match=r"stable\.json"):
        fetch_manifest(f"{url}/stable.json")
