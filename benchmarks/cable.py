"""Two hosts and a router between them, in network namespaces of Linux: lines that fail below TCP.

The fault proxy answers for the other end: what is written to it is acknowledged. Here nobody does. A cable can be
pulled, and the router can swallow what goes one way or both without a word; it can be narrow, and lose what does not
fit, and late, where the kernel has ``netem``. All of it stands in a namespace of its own that this process moves into,
and goes with it; where the system lets anybody make user namespaces, this needs no root.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_NEEDED: Final = ("unshare", "nsenter", "ip", "tc")
_INSIDE: Final = "CABLE_INSIDE"
_NARROW: Final = ("tbf", "rate", "64kbit", "burst", "3000", "limit", "12000")
_LATE: Final = ("netem", "delay", "300ms", "loss", "2%", "rate", "64kbit")
CANNOT: Final = 77
"""Exit code where the system does not let anybody make such a network, as other test programs have it."""


def move_in(module: str) -> None:
    """Run this module again in a network of its own, unless it is there; exits with ``CANNOT`` where it may not."""
    if os.environ.get(_INSIDE):
        return
    if missing := [name for name in _NEEDED if shutil.which(name) is None]:
        print(f"a network of its own needs {', '.join(missing)} (Debian: util-linux, iproute2)", file=sys.stderr)
        raise SystemExit(CANNOT)
    alone = ["unshare", "--net", *([] if os.geteuid() == 0 else ["--user", "--map-root-user"])]
    may = subprocess.run([*alone, "ip", "link", "set", "lo", "up"], capture_output=True, text=True, check=False)
    if may.returncode:
        print(f"no network of its own can be made here: {may.stderr.strip()}", file=sys.stderr)
        raise SystemExit(CANNOT)
    command = [*alone, sys.executable, "-m", module, *sys.argv[1:]]
    raise SystemExit(subprocess.run(command, env={**os.environ, _INSIDE: "yes"}, check=False).returncode)


@dataclass(frozen=True, slots=True)
class Host:
    """A host behind the router; ``holder`` is a process that keeps its namespace."""

    name: str
    number: int
    holder: int

    @property
    def address(self) -> str:
        """Where its partner finds it, over the router."""
        return f"10.64.{self.number}.2"

    @property
    def at_home(self) -> str:
        """Where this program finds it, over a line that never fails."""
        return f"10.65.{self.number}.2"

    @property
    def wrapper(self) -> list[str]:
        """What stands before a command that is to run there."""
        return ["nsenter", "--target", str(self.holder), "--net"]


class Network:
    """The router, which is this program's own namespace, and its cables to the hosts."""

    def __init__(self, hosts: tuple[Host, Host]) -> None:
        self.hosts = hosts

    def pull(self) -> None:
        """Take the first host's cable out: it has no carrier any more."""
        _ip("link", "set", _cable(self.hosts[0]), "down")

    def swallow(self, *, both: bool) -> None:
        """Forward nothing to the second host, and to the first neither; nobody is told."""
        for host in self.hosts if both else self.hosts[1:]:
            _ip("route", "add", "blackhole", f"{host.address}/32")

    def mend(self) -> None:
        """Take all of that back."""
        _ip("link", "set", _cable(self.hosts[0]), "up")
        for host in self.hosts:
            subprocess.run(["ip", "route", "del", "blackhole", f"{host.address}/32"], capture_output=True, check=False)

    def narrow(self) -> str:
        """Let 64 kbit/s through each way, late and with losses where the kernel can; tells what the line is now."""
        for kind in (_LATE, _NARROW):
            done = [
                subprocess.run(
                    ["tc", "qdisc", "replace", "dev", _cable(host), "root", *kind], capture_output=True, check=False
                ).returncode
                for host in self.hosts
            ]
            if not any(done):
                return " ".join(kind)
        raise RuntimeError("this kernel has neither netem nor tbf")


@contextmanager
def network() -> Iterator[Network]:
    """Build it in the namespace that ``move_in`` made."""
    with ExitStack() as stack:
        _ip("link", "set", "lo", "up")
        hosts = tuple(_host(stack, name, number) for number, name in enumerate(("CN", "NL"), 1))
        Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        yield Network((hosts[0], hosts[1]))


def _host(stack: ExitStack, name: str, number: int) -> Host:
    holder = stack.enter_context(
        subprocess.Popen(
            ["unshare", "--net", "sh", "-c", "echo made && exec cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
    )
    assert holder.stdin is not None
    assert holder.stdout is not None
    stack.callback(holder.stdin.close)
    holder.stdout.readline()
    host = Host(name, number, holder.pid)
    for here, there, prefix in ((_cable(host), "abroad", "10.64"), (f"home{number}", "home", "10.65")):
        _ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", str(holder.pid))
        _ip("address", "add", f"{prefix}.{number}.1/24", "dev", here)
        _ip("link", "set", here, "up")
        _ip("address", "add", f"{prefix}.{number}.2/24", "dev", there, on=host)
        _ip("link", "set", there, "up", on=host)
    _ip("link", "set", "lo", "up", on=host)
    _ip("route", "add", "10.64.0.0/16", "via", f"10.64.{number}.1", on=host)
    return host


def _cable(host: Host) -> str:
    return f"cable{host.number}"


def _ip(*words: str, on: Host | None = None) -> None:
    subprocess.run([*(on.wrapper if on else ()), "ip", *words], check=True)
