"""docs/fleet.md: the words about the fleet, with the tables of the contract, the rules and the metrics drawn in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from config.fleet_contract import (
    HELD_EVERY_S,
    LONGEST_COMMAND_S,
    MOST_BUNDLE,
    MOST_BYTES,
    MOST_UNHELD,
    NEVER_DROPPED,
    QOS,
    RETAINED,
    ROOT,
)
from config.fleet_metrics import metrics
from config.fleet_settings import FleetSettings
from kiosk.fleet.backlog import FURTHER
from kiosk.fleet.bundle_home import PAUSES_S
from kiosk.fleet.holding import FORGOTTEN_S, GRACE_S, LONGEST_PROBE_S, PROBE_S
from kiosk.fleet.telling import RULES

COMMAND: Final = "kiosk docs fleet --out docs/fleet.md"
LEAVES: Final = (
    ("state", "terminal", "online or not, mode, worst section, open intents; the last will says `online: false`"),
    ("birth", "terminal", "everything: metrics, sections, supplies, place; on connecting and when asked"),
    ("data", "terminal", "what changed, each minute; also the heartbeat"),
    ("event", "terminal", "what happened, in order, at least once, after any outage"),
    ("command", "office", "a signed order"),
    ("result", "terminal", "what became of an order"),
    ("acknowledged", "control room", "how far its database holds the terminal's chain, committed"),
    ("request", "control room", "asks this one terminal for a rebirth"),
)
ORDERS: Final = (
    ("refresh-catalogue", "", "look for a newer catalogue of services now"),
    ("close", "`zh`, `en`: words for the closed page", "closed for who comes; a visit may end; also over restarts"),
    ("open", "", "open again; what a technician closed on the spot stays closed"),
    ("drain", "`minutes` 1-30 (5), `zh`, `en`", "close; done when nobody is here and no act is unsettled"),
    ("notice", "`zh`, `en`, `minutes` 1-10080 (60)", "a notice on the standby page"),
    ("restart-device", "`device`: id of its section", "close and open the device; refused while a visit is under way"),
    ("collect-bundle", "none, or `ticket`, `most`, `until`", "a support bundle without personal data; see Bundles"),
    ("rotate-key", "`key` (hex), or `retire` (key id)", "see below"),
    ("rebirth", "", "tell everything again"),
)  # fmt: skip
HEAD: Final = f"""# The fleet: what a terminal tells, what it obeys, what is measured

Drawn by `{COMMAND}` from the tables of the program; a test fails when this page is older than they are.

A terminal plugs into engines that exist and brings only the agent: any MQTT 5 broker, Prometheus, an OpenTelemetry
collector. All of it is off until the settings name it; nothing of it is imported before, and nothing of it can fail
a visit.

```toml
[fleet]
broker = "mqtts://broker.example:8883"
room = "https://control-room.example"
# Files of /etc/weihai-kiosk/secrets, as the unit sees them (docs/installing.md):
ca = "/run/credentials/weihai-kiosk.service/secrets_fleet-ca.pem"
client_certificate = "/run/credentials/weihai-kiosk.service/secrets_fleet.pem"
client_key = "/run/credentials/weihai-kiosk.service/secrets_fleet.key"
command_keys = ["<public key of who orders, hex>"]
metrics_port = 9464
```
"""
MQTT: Final = f"""
## Topics

`{ROOT}/<site>/<terminal>/<leaf>`; site is the division's code (371002), terminal its id (WH-HC-0003). Payloads are
JSON in UTF-8, at most {MOST_BYTES // 1024} KiB, with `"v": 1`. Their members are `config/fleet_contract.py`, which
both ends import and neither shares more.

"""
ALWAYS: Final = " and ".join(f"`{each}`" for each in sorted(NEVER_DROPPED))
ABOUT: Final = f"""
`request` (QoS 0): `{{"want": "rebirth", "terminal": "WH-HC-0003"}}`, honoured once a minute. Terminals of before hear
only `{ROOT}/<site>/control/request`, and with them everybody of the division does: a control room asks there when
its first request had no birth within a minute.

**Sessions.** Each start of the program has a `session`. A last will carries that of the connection it was made for:
one of another session than the last birth is old and says nothing. `seq` is 0 in a birth and one more in each
`data`; after a gap, or in a session without a birth, ask for a rebirth. Each terminal has its own moment of the
minute, so that 3,143 do not beat together; a lost broker is looked for again after 1 to 120 s, with jitter. Where
systemd gives the terminal up, a program of its own (`kiosk fleet given-up`) puts `"given_up": true` into the retained
state, until the terminal starts again.

**Events.** The journal's chain is the store: a fact and what is told of it are one row, on disk before anything
moves. The agent walks the chain in order. An event is told at least once: know it by (`terminal`, `chain`, `n`). `n`
rises with gaps. Bounded: behind `fleet.backlog` waiting entries telemetry is no longer told, behind {FURTHER} times as
many also visits and devices; {ALWAYS} always are. A gap is an event `fleet.dropped`
with its count. The chain itself keeps everything. Members of `detail` are numbers and
references in one word; words of people cannot pass.

**Acknowledgement.** A broker that confirms (PUBACK) and dies before anybody has read takes what it confirmed with it.
So the agent keeps what the control room's database holds, not what the broker has: the control room says after its
commit `acknowledged`: `{{"v": 1, "terminal": ..., "chain": ..., "n": 812, "gap": false}}`, at most one message a
terminal in {HELD_EVERY_S:g} s. Events carry `after`, the number told before, so that it knows a hole; after a hole
(`gap`), and after every lost connection, the agent tells again from what is held. At most {MOST_UNHELD} events (and
one batch) are told and not held, the rest stays in the chain; a control room that is silent gets the last event once
more after {PROBE_S:g} s, then ever more rarely, up to {LONGEST_PROBE_S / 60:g} min. Where no control room
acknowledges (an older one, or none) the broker's confirmation counts as before: from {GRACE_S:g} s after the start,
or {FORGOTTEN_S / 86_400:g} days after the last word of one that was there. The word is believed as orders are: by the
broker's rules only the control room may say it. It costs a terminal some 5 messages of 160 bytes an hour (measured
with 3,143: 4.5 for 8.9 events), at most one for each event and birth.

"""
COMMANDS: Final = f"""
## Orders

`command` carries `{{"envelope": base64, "signature": hex, "key": key id}}`. The envelope's exact bytes are signed
(Ed25519, or SM2 with SM3 where the key is one); it lasts at most {LONGEST_COMMAND_S // 3600} h:

```json
{{"v": 1, "id": "<uuid>", "terminal": "WH-HC-0003", "name": "notice", "params": {{"zh": "..."}},
 "issued_at": "2026-11-22T10:00:00+08:00", "expires_at": "2026-11-22T10:10:00+08:00"}}
```

A key's id is the first 32 hex digits of its SHA-256. Response Topic (below the terminal's own `result`) and Correlation
Data of MQTT 5 are honoured.

| what comes | what happens |
|---|---|
| forged, unknown key, unreadable, too large | not done, not answered; an entry in the chain, an event `fleet.forged` |
| for another terminal, not valid yet | not done; in the chain; answered REFUSED |
| expired, an order that is not known | not done; in the chain; answered REFUSED |
| the same id again | not done again; the same answer again |
| cut short by a crash | not done again; answered FAILED |
| else | ACCEPTED, then DONE, REFUSED (said why) or FAILED; begin and end in the chain |

Orders are done one after the other. The broker keeps them for an hour for a terminal that is away; expiry counts by
the platform's clock. Entries about forgeries are bounded to 30 an hour, the next one says how many there were.

"""
KEYS: Final = """
```
kiosk fleet key desk.key                 # public key for fleet.command_keys, and its id
kiosk fleet order notice --terminal WH-HC-0003 --key desk.key --param zh=今晚停水 --param minutes=120 |
  mosquitto_pub -V 5 -h broker --cafile ca.pem --cert command-desk.pem --key command-desk.key \\
    -q 1 -t kiosk/v1/371002/WH-HC-0003/command -s
```

**Keys.** Two may be in force. To replace A by B: `rotate-key` with `key` = B, signed by A; from now on sign with B;
`rotate-key` with `retire` = A's id, signed by B. No key retires itself; a retired one never comes back, whatever
the settings say. The terminal keeps this in `fleet-keys.json`; while that file cannot be read no order is taken.
"""
BUNDLES: Final = f"""
## Bundles

`collect-bundle` alone makes a support bundle that stays at the terminal (folder `bundles` of its state). With a
ticket of the control room it comes home:

```
sudo -u kiosk-control-room kiosk-control-room ticket WH-HC-0003 --config /etc/kiosk-control-room.toml
--param ticket=... --param most={MOST_BUNDLE} --param until=2026-11-22T11:00:00+00:00
```

These go into the order; the terminal puts the bundle to `fleet.room` (`https://control-room.example`; an order can
send it nowhere else), with its client certificate where it has one: `PUT /bundles/WH-HC-0003`, the ticket as Bearer
token, length and SHA-256 declared (RFC 9530). It tries {len(PAUSES_S) + 1} times and only while the ticket lasts. A
ticket is good for one bundle of one terminal; the control room keeps its digest alone, and a ticket is in no entry of
the journal. When it does not succeed, the answer says why and the bundle stays at the terminal. What happens to it
then: `docs/control-room.md`.
"""
METRICS: Final = """
## Metrics

One table (`config/fleet_metrics.toml`) for MQTT, Prometheus, dashboard and rules, in XFS vocabulary. Labels are
enumerated: nothing personal can be one. `metrics_file` writes them for node_exporter's textfile collector,
`metrics_port` answers `GET /metrics` at 127.0.0.1 only. `config/deploy/prometheus` has alert rules (`promtool check
rules`), `config/deploy/grafana` a dashboard.

"""
TRACES: Final = """
## Traces

`traces = "https://collector:4318/v1/traces"` (needs `weihai-kiosk[tracing]`): OTLP over HTTP, visit > step > device
act and platform call. Attributes are a closed table (`kiosk/tracing/spans.py`): step, service, outcome, device,
method, area. No exception, no address, no text of a page is ever in one. While the setting is empty a span is one
comparison.
"""
RUN: Final = """
## With Mosquitto

`config/deploy/mosquitto` has a configuration with TLS and an ACL: each terminal's certificate has its id as common
name and may speak and hear only under its own name; the control room reads everything and orders nothing; who
orders needs a certificate for `command-desk` and a signing key. Debian 12: `apt-get install mosquitto
mosquitto-clients`; `mosquitto.conf` **in place of** Debian's `/etc/mosquitto/mosquitto.conf` (below `conf.d` Mosquitto
refuses it: lines would stand twice); `acl`, `ca.pem`, `broker.pem` and `broker.key` to `/etc/mosquitto/kiosk/`, the key
readable by the user `mosquitto`; `systemctl restart mosquitto`. To listen:

```
mosquitto_sub -V 5 -h broker --cafile ca.pem --cert control-room.pem --key control-room.key -t 'kiosk/v1/#' -v
```

Another broker (EMQX, HiveMQ, VerneMQ) needs the same: MQTT 5, retained messages, last will, the rules of `acl`.
"""


def page() -> str:
    """docs/fleet.md as Markdown."""
    parts = [
        HEAD,
        _settings(),
        MQTT,
        _topics(),
        ABOUT,
        _events(),
        COMMANDS,
        _orders(),
        KEYS,
        BUNDLES,
        METRICS,
        _metrics(),
        TRACES,
        RUN,
    ]
    return "".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows), ""])


def _settings() -> str:
    rows = [(f"`{name}`", f"`{field.default!r}`") for name, field in FleetSettings.model_fields.items()]
    return "\n" + _table(("setting", "default"), [(name, default.replace("'", '"')) for name, default in rows])


def _topics() -> str:
    rows = [
        (f"`{leaf}`", by, str(QOS[leaf]), "yes" if leaf in RETAINED else "", what) for leaf, by, what in LEAVES
    ]  # fmt: skip
    return _table(("leaf", "from", "QoS", "retained", "what"), rows)


def _events() -> str:
    rows = [
        (f"`{r.kind}{'*' if r.kind.endswith('.') else ''}`", f"`{r.event}`", r.told_as, ", ".join(r.detail))
        for r in RULES
    ]
    rows.append(("`health.broken`, `health.mended`", "the event of the rule", "device", "rule, value"))
    rows.append(("`device.fault`, `supply.*`", "the device's event", "device", "cause, open"))
    return _table(("entry of the journal", "event (docs/events.md)", "class", "detail"), rows)


def _orders() -> str:
    return _table(("order", "params", "what it does"), [(f"`{name}`", params, what) for name, params, what in ORDERS])


def _metrics() -> str:
    rows = []
    for metric in metrics().values():
        values = [f"{name}: {_few(known)}" for name, known in metric.labels.items()]
        codes = ", ".join(f"{n} {word}" for n, word in enumerate(metric.codes))
        rows.append(
            (f"`{metric.name}`", metric.kind, "; ".join(values), metric.help + (f" ({codes})" if codes else ""))
        )
    return _table(("metric", "kind", "labels", "what"), rows)


def _few(known: tuple[str, ...]) -> str:
    return "every event of docs/events.md" if len(known) > 30 else ", ".join(known)
