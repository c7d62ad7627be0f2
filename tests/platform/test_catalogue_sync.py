"""The catalogue from the platform: versions, deltas, refusal as a whole, disk, the moment a version takes over."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.catalogue import load_catalogue
from config.catalogue_content import field_json, item_json, item_key
from kiosk.catalogue.calendar import CalendarStore
from kiosk.catalogue.editions import Editions
from kiosk.catalogue.store import CatalogueStore
from kiosk.catalogue.sync import CatalogueSync
from kiosk.platform.errors import BadReply, BadSignature, Unreachable
from simulator.platform import catalogue as area

SHIPPED = load_catalogue()
NEW = "WH-PS-901"
MIDNIGHT = "2026-11-22T00:00:00+08:00"


def new_item(**changes: Any) -> dict[str, Any]:
    """An item that no file of this program has."""
    item = copy.deepcopy(item_json(SHIPPED.services["WH-SI-001"]))
    item["service"] |= {"id": NEW, "code": "11371000MB2856435T3000799901002"}
    item["service"]["name"] = {"zh": "园区牡蛎一件事", "en": "Oyster farm matters"}
    item["service"] |= changes
    return item


class Notes:
    """Stands for the journal: what was noted."""

    def __init__(self) -> None:
        self.kinds: list[str] = []

    async def note(self, visit: str, kind: str, body: Mapping[str, Any]) -> None:
        assert visit == ""
        json.dumps(dict(body))
        self.kinds.append(kind)


class Here:
    """A terminal's catalogue beside the platform of `town`."""

    def __init__(self, town: Any, folder: Path) -> None:
        self.town = town
        # The walk holds every reply to the contract; here 236 items a page would only take time.
        town.session.mount("http://", town.adapter.inner)
        self.asked: list[str] = []
        feed = town.platform.catalogue
        real = feed._get

        async def counted(path: str) -> Any:
            self.asked.append(path)
            return await real(path)

        feed._get = counted
        self.store = CatalogueStore(folder / "catalogue", town.settings.public_key)
        self.editions = Editions(SHIPPED, town.wall, self.store)
        self.editions.load()
        self.notes = Notes()
        self.calendars = CalendarStore(folder / "calendar.json")
        self.sync = CatalogueSync(self.editions, town.platform.catalogue, self.notes, town.wall, self.calendars)  # type: ignore[arg-type]  # the one verb that is used

    def look(self) -> bool:
        return asyncio.run(self.sync.once())

    @property
    def ids(self) -> set[str]:
        return set(self.editions.now().services)

    def publish(
        self, *items: dict[str, Any], gone: tuple[str, ...] = (), at: str = area.ALWAYS, checked: bool = True
    ) -> None:
        city = self.town.app.state.city
        with city.store.transaction() as cx:
            fields, content = area.content_of(area._ready(cx, city), area._newest(cx)["seq"])
            for key in gone:
                del content[key]
            content |= {item_key(item): item for item in items}
            area.publish(cx, city, fields, list(content.values()), at, checked=checked)


@pytest.fixture
def here(town, tmp_path):
    return Here(town, tmp_path)


def test_the_shipped_catalogue_is_the_platforms_first_version_and_nothing_is_fetched(here) -> None:
    assert here.look()
    assert here.editions.current.manifest is None
    assert here.sync.trouble == ""
    assert not any(path.startswith("/catalogue/items") for path in here.asked)
    assert here.editions.confirmed_at == here.town.wall.at


def test_what_changed_is_fetched_checked_kept_and_offered(here, tmp_path) -> None:
    here.look()
    here.publish(new_item(), gone=("WH-PS-005@1",))
    assert here.look()
    assert NEW in here.ids
    assert "WH-PS-005" not in here.ids
    asked = [path for path in here.asked if path.startswith("/catalogue/items")]
    assert len(asked) == 1  # two entries, not 236
    again = Here(here.town, tmp_path)
    assert again.ids == here.ids
    assert again.editions.current.catalogue.hash == here.editions.current.catalogue.hash


def test_a_delta_holds_only_what_changed_with_a_tombstone(here) -> None:
    here.look()
    here.publish(new_item(), gone=("WH-PS-005@1",))
    feed = here.town.platform.catalogue
    delta = asyncio.run(feed.delta(SHIPPED.version, 2))
    assert not delta.complete
    assert dict(delta.changes).keys() == {f"{NEW}@1", "WH-PS-005@1"}
    assert dict(delta.changes)["WH-PS-005@1"] is None
    whole = asyncio.run(feed.delta("", 2))
    assert whole.complete
    assert len(whole.changes) == 236
    assert all(item for _, item in whole.changes)


def test_a_version_in_the_future_takes_over_at_its_time_and_a_visit_keeps_its_own(here, tmp_path) -> None:
    here.look()
    here.publish(gone=("WH-PS-005@1",), at=MIDNIGHT)
    here.look()
    wall = here.town.wall
    visit = here.editions.now()
    assert "WH-PS-005" in visit.services
    assert here.editions.next is not None
    wall.at = datetime.fromisoformat(MIDNIGHT) - timedelta(milliseconds=1)
    assert "WH-PS-005" in here.ids
    wall.at = datetime.fromisoformat(MIDNIGHT)
    assert "WH-PS-005" not in here.ids
    assert "WH-PS-005" in visit.services
    offline = Here(here.town, tmp_path)  # a start after midnight without a network
    assert "WH-PS-005" not in offline.ids
    here.look()
    assert not (tmp_path / "catalogue" / "next.json").exists()
    assert (tmp_path / "catalogue" / "current.json").exists()


def test_an_item_withdrawn_at_midnight_goes_without_any_update(here) -> None:
    here.look()
    table = item_json(SHIPPED.services["WH-PS-005"])
    table["service"] |= {"effective_until": MIDNIGHT, "withdrawn": {"zh": "并入另一项", "en": "Merged"}}
    here.publish(table)
    here.look()
    assert "WH-PS-005" in here.ids
    here.town.wall.at = datetime.fromisoformat(MIDNIGHT)
    assert "WH-PS-005" not in here.ids


def test_a_bad_update_is_refused_whole_told_once_and_the_old_one_stays(here, tmp_path) -> None:
    here.look()
    bad = new_item(steps=["dance"])
    also = copy.deepcopy(item_json(SHIPPED.services["WH-PS-001"]))
    also["service"]["fee"]["fen"] = -1
    here.publish(bad, also, new_item(id="WH-PS-902", code="11371000MB2856435T3000799902002"), checked=False)
    before = here.ids
    assert here.look()
    assert here.ids == before
    assert "dance" in here.sync.trouble or NEW in here.sync.trouble
    assert "WH-PS-001.fee.fen" in here.sync.trouble
    assert not (tmp_path / "catalogue" / "current.json").exists()
    here.look()
    assert here.notes.kinds.count("catalogue.refused") == 1
    here.publish(gone=(f"{NEW}@1", "WH-PS-902@1"), checked=False)
    here.publish(item_json(SHIPPED.services["WH-PS-001"]))
    here.look()
    assert here.sync.trouble == ""


def test_nothing_unsigned_or_altered_is_taken_from_the_wire_or_the_disk(here, tmp_path) -> None:
    here.look()
    here.publish(new_item())
    feed = here.town.platform.catalogue
    manifest = asyncio.run(feed.manifest())

    async def altered(path: str) -> Any:
        return {**manifest.signed, "count": 1}

    feed._get, real = altered, feed._get
    with pytest.raises(BadSignature):
        asyncio.run(feed.manifest())
    assert not here.look()
    feed._get = real
    here.look()
    path = tmp_path / "catalogue" / "current.json"
    kept = json.loads(path.read_text())
    kept["items"][0]["service"]["minutes"] = 99
    path.write_text(json.dumps(kept))
    again = Here(here.town, tmp_path)
    assert again.editions.current.manifest is None
    assert path.with_suffix(".bad").exists()
    path.write_text("{")
    assert Here(here.town, tmp_path).editions.current.manifest is None


def test_a_replayed_older_version_is_refused(here) -> None:
    here.look()
    feed = here.town.platform.catalogue
    first = asyncio.run(feed.manifest())
    here.publish(new_item())
    here.look()

    async def replayed(path: str) -> Any:
        return dict(first.signed)

    feed._get = replayed
    here.look()
    assert "older" in here.sync.trouble
    assert NEW in here.ids


def test_content_that_is_not_what_was_signed_is_asked_for_whole_then_refused(here) -> None:
    here.look()
    here.publish(new_item())
    city = here.town.app.state.city
    with city.store.transaction() as cx:
        cx.execute("UPDATE catalogue_entry SET body = replace(body, 'Oyster', 'Lobster') WHERE key = ?", (f"{NEW}@1",))
    here.look()
    assert "hash" in here.sync.trouble
    assert NEW not in here.ids


def test_without_the_platform_everything_stays_and_is_tried_again(here) -> None:
    async def away(path: str) -> Any:
        raise Unreachable("GET: refused")

    here.town.platform.catalogue._get = away
    assert not here.look()
    assert len(here.ids) == 236
    assert here.editions.confirmed_at is None


def test_a_list_that_does_not_end_is_a_bad_reply(here) -> None:
    here.look()

    async def endless(path: str) -> Any:
        return {
            "complete": True, "items": [], "next_cursor": "1.WH-PS-001@1", "resume_token": "0" * 12, "as_of": MIDNIGHT,
        }  # fmt: skip

    here.town.platform.catalogue._get = endless
    with pytest.raises(BadReply, match="does not go on"):
        asyncio.run(here.town.platform.catalogue.delta("", 1))


def test_the_calendar_is_followed_and_kept(here, tmp_path) -> None:
    here.look()
    assert here.calendars.calendar.years[2027].published is False
    assert (tmp_path / "calendar.json").exists()
    (tmp_path / "calendar.json").write_text('{"2027": {"published": 1}}')
    assert CalendarStore(tmp_path / "calendar.json").calendar.years[2026].published


def test_every_field_whose_choices_are_the_platforms_has_some(town) -> None:
    fields = [(s.id, f.key) for s in SHIPPED.services.values() for f in s.form if f.options_from == "platform"]
    assert len(fields) == 60

    async def all_of_them() -> None:
        for service, key in fields:
            found = await town.platform.catalogue.choices(service, key)
            assert found, (service, key)
            assert len({choice.key for choice in found}) == len(found)
            assert all(choice.label.zh and choice.label.en for choice in found), (service, key)

    asyncio.run(all_of_them())


def test_content_is_the_same_after_it_crossed_the_wire() -> None:
    from config.catalogue import catalogue_of
    from config.catalogue_content import trees_of

    fields = json.loads(json.dumps([field_json(field) for field in SHIPPED.fields]))
    items = json.loads(json.dumps([item_json(service) for service in SHIPPED.versions]))
    made = catalogue_of(trees_of(fields, reversed(items)), "the wire")
    assert made == SHIPPED
    assert made.hash == SHIPPED.hash
