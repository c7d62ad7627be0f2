"""Joins `kiosk ctl` to the running terminal. A socket that cannot be made costs `kiosk ctl`, never the terminal."""

from __future__ import annotations

import asyncio
import logging
import os
from typing import TYPE_CHECKING, Final

from kiosk.events import events, log_line
from kiosk.remote.server import Server
from kiosk.remote.sign_in import SignIn
from kiosk.remote.verbs import Panel, Verbs

if TYPE_CHECKING:
    from kiosk.workshop import Workshop

log = logging.getLogger(__name__)

AGAIN_S: Final = 30.0


async def keep_remote(workshop: Workshop, panel: Panel | None) -> None:
    """For ever: serve the socket where the settings want it. A program error in it never ends the terminal."""
    settings = workshop.tools.settings
    if not settings.remote.enabled:
        return
    path = settings.remote.path(settings.state_dir)
    complained = False
    while True:
        signed = SignIn(workshop)
        verbs = Verbs(workshop, signed, panel)
        uids = {0, os.geteuid(), *settings.remote.uids}
        server = Server(path, verbs.do, verbs.stranger, uids=uids, clients=settings.remote.clients)
        watch = asyncio.create_task(signed.run(), name="signed in from afar")
        try:
            await server.run()
        except OSError as error:
            if not complained:
                log.warning("%s", log_line(events()["remote.no-socket"], what=str(error)[:120]))
            complained = True
        except Exception:
            log.exception("ctl: a program error; again in %g s", AGAIN_S)
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            verbs.wires.end_all()
        await asyncio.sleep(AGAIN_S)
