"""The new machine started with its own systemd (systemd-nspawn), and a script in it that freezes the terminal."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.processes.debian_machine import DebianMachine, NoMachine, as_root

HURRIED = """[Unit]
StartLimitBurst=3
[Service]
WatchdogSec=4
TimeoutAbortSec=1
RestartSec=200ms
Environment=SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy
"""
"""An hour's patience within a minute: fewer starts, shorter waits; everything else is the unit that was installed."""
PAGE = "[Service]\nEnvironment=SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy\n"
PROBE = """[Unit]
After=weihai-kiosk.service
[Service]
Type=oneshot
ExecStart=/bin/sh /probe.sh
StandardOutput=append:/probe.log
StandardError=append:/probe.log
TimeoutStartSec=150
ExecStopPost=/bin/systemctl poweroff --force --force
"""
SCRIPT = r"""
unit=weihai-kiosk.service page=weihai-kiosk-out-of-service.service
pid() { systemctl show -P MainPID $unit; }
wait_for() {
  i=0
  while [ $i -lt 300 ]; do
    "$@" && return 0
    i=$((i + 1))
    sleep 0.1
  done
  echo "waited in vain: $*"
}
anew() {
  state=$(systemctl is-active $unit)
  [ "$state" = failed ] || { [ "$state" = active ] && [ "$(pid)" != "$was" ]; }
}
wait_for systemctl is-active -q $unit
echo "status=$(systemctl show -P StatusText $unit)"
grep -E '^(Seccomp|NoNewPrivs|CapEff|CapBnd|Uid):' /proc/$(pid)/status | tr '\t' ' '
secret=/run/credentials/$unit/secrets_terminal.key
echo "secret=$(cat $secret) $(stat -c '%U %a' $secret)"
sleep 6
echo "alive=$(systemctl is-active $unit) restarts=$(systemctl show -P NRestarts $unit)"
for round in 1 2 3; do
  was=$(pid)
  kill -STOP "$was"
  wait_for anew
done
echo "ended=$(systemctl is-active $unit)"
echo "bound=$(journalctl -u $unit --no-pager | grep -c 'Start request repeated too quickly')"
echo "watchdog=$(journalctl -u $unit --no-pager | grep -c 'Watchdog timeout')"
wait_for systemctl is-active -q $page
echo "page=$(systemctl is-active $page)"
echo "journal=$(journalctl -u $unit -o json --no-pager | grep -c '"KIOSK_EVENT":"device')"
"""
BOOT_S = 200


@dataclass(frozen=True, slots=True)
class Booted:
    """What the script wrote: `key=value` lines and lines of /proc."""

    lines: tuple[str, ...]

    def said(self, key: str) -> str:
        """The rest of the line that begins with `key`."""
        found = [line.removeprefix(key).strip() for line in self.lines if line.startswith(key)]
        return found[0] if found else f"nothing; all that was said: {self.lines}"


def boot(machine: DebianMachine, folder: Path) -> Booted:
    """Start it, let the script run, switch it off. Raises `NoMachine` where systemd-nspawn cannot start it."""
    files = {
        "etc/systemd/system/weihai-kiosk.service.d/hurried.conf": HURRIED,
        "etc/systemd/system/weihai-kiosk-out-of-service.service.d/page.conf": PAGE,
        "etc/systemd/system/probe.service": PROBE,
        "etc/weihai-kiosk/secrets/terminal.key": "a-secret\n",
        "probe.sh": SCRIPT,
    }
    for name, text in files.items():
        ours = folder / "file"
        ours.write_text(text, encoding="utf-8")
        subprocess.run(as_root("install", "-D", "-m", "0600", str(ours), str(machine.root / name)), check=True)
    units = machine.root / "etc/systemd/system"
    for link, target in (
        ("multi-user.target.wants/probe.service", "../probe.service"),
        ("weihai-kiosk-x.service", "/dev/null"),
    ):
        subprocess.run(as_root("ln", "-sf", target, str(units / link)), check=True)
    command = ("systemd-nspawn", "-q", "-D", str(machine.root), "-b", "--register=no", "--keep-unit", "--console=pipe")
    try:
        ran = subprocess.run(
            as_root(*command), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=BOOT_S, check=False
        )
        told = ran.stdout + ran.stderr
    except FileNotFoundError as error:
        raise NoMachine("systemd-nspawn is missing: make setup installs systemd-container") from error
    except subprocess.TimeoutExpired:
        told = f"no end within {BOOT_S} s"
    read = subprocess.run(as_root("cat", str(machine.root / "probe.log")), capture_output=True, text=True, check=False)
    if read.returncode:
        raise NoMachine(f"systemd-nspawn did not start the machine: {told[-1500:]}")
    for name in [*files, "probe.log", "etc/systemd/system/multi-user.target.wants/probe.service"]:
        subprocess.run(as_root("rm", "-f", str(machine.root / name)), check=True)
    for unit in ("weihai-kiosk.service.d", "weihai-kiosk-out-of-service.service.d", "weihai-kiosk-x.service"):
        subprocess.run(as_root("rm", "-rf", str(units / unit)), check=True)
    # Switched off hard, it had no time to tidy up.
    for left in ("var/log/journal", "var/tmp", "tmp"):
        subprocess.run(as_root("find", str(machine.root / left), "-mindepth", "1", "-delete"), check=False)
    return Booted(tuple(read.stdout.splitlines()))
