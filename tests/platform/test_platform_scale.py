"""A city as large as one likes is ready before the first terminal asks; seeding again adds nothing."""

from __future__ import annotations

import requests
from contract_support import ContractAdapter
from platform_town import KIOSK, Town

from config.load import load_settings
from kiosk.platform.client import Platform
from simulator.platform.app import create_app
from simulator.platform.inprocess import InProcessAdapter
from simulator.platform.scale import Scale, holder
from simulator.virtual_time import run_virtual

SCALE = Scale(items=300, licences=50)


def rows(app, query):
    with app.state.city.store.transaction() as cx:
        return [tuple(row) for row in cx.execute(query)]


def test_a_seeded_city_has_published_its_catalogue_and_its_licences_once(town: Town, tmp_path):
    app = create_app(tmp_path / "city.sqlite", town.wall, catalogue=SCALE.catalogue())
    assert rows(app, "SELECT count(*) FROM catalogue_version") == [(0,)]
    said = SCALE.seed(app.state.city)
    assert said.startswith("300 services, 50 licences more: ")
    published = rows(app, "SELECT seq, count FROM catalogue_version")
    assert published == [(1, 300)]
    SCALE.seed(app.state.city)
    assert rows(app, "SELECT seq, count FROM catalogue_version") == published
    mine = f"SELECT count(*), max(holder = '{holder(0)}') FROM licence WHERE id LIKE 'lic_scale_%'"
    assert rows(app, mine) == [(50, 1)]

    async def walk():
        session = requests.Session()
        session.mount("http://", ContractAdapter(InProcessAdapter(app)))
        terminal = Platform(load_settings("simulated").platform, KIOSK, session=session, now=town.wall)
        manifest = await terminal.catalogue.manifest()
        delta = await terminal.catalogue.delta("", manifest.sequence)
        await terminal.close()
        return manifest.count, len(delta.changes)

    assert run_virtual(walk()) == (300, 300)
    assert rows(app, "SELECT seq, count FROM catalogue_version") == published
    app.state.city.store.close()
