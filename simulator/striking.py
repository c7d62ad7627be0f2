"""Lets a prepared breakdown happen in a hall under virtual time."""

from __future__ import annotations

import ssl
from typing import Any

import requests
from requests.adapters import BaseAdapter

from simulator.breakdowns import Breakdown
from simulator.hall import URL, Hall


class ExpiredTls(BaseAdapter):
    """A line whose far end shows a certificate that has ended."""

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Raises `SSLError`, as urllib3 does."""
        del args, kwargs
        told = ssl.SSLCertVerificationError(1, "certificate verify failed: certificate has expired")
        raise requests.exceptions.SSLError(told, request=request)

    def close(self) -> None:
        """Nothing is open."""


async def strike(hall: Hall, breakdown: Breakdown) -> None:
    """Let it happen to a hall whose terminal runs, its company too. What is `before` is prepared by who opens it."""
    args = dict(breakdown.args)
    match breakdown.where, breakdown.act:
        case "link" | "certificate" | "line" | "fleet", _:
            pass  # prepared by who opened the hall
        case "tls", _:
            hall.session.mount(URL, ExpiredTls())
        case "clock", _:
            hall.ahead_s += args["seconds"]
        case "disk", _:
            hall.disk_refuses = args["writes"]
        case "camera", _:
            hall.face = "covered"
        case "platform", _:
            hall.platform_faults(**args)
        case where, "unplug":
            await hall.devices[where].unplug()
        case where, verb:
            hall.do(where, verb, **args)
    for each in breakdown.beside:
        await strike(hall, each)
