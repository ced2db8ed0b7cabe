"""``gateway keys``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.durations import DURATION
from gateway.cli.framing import GatewayGroup, home_option, json_option, root_dir_option

if TYPE_CHECKING:
    from gateway.trust.descriptors import Descriptor


@click.group("keys", cls=GatewayGroup)
def command() -> None:
    """List and roll the keys with which this node signs."""


@command.command("list", epilog="Examples:\n  gateway keys list --home nl")
@home_option
@json_option
def list_(home: Path, *, as_json: bool) -> None:
    """List the keys in the node's descriptor, each with its period."""
    import time

    from gateway.cli.describing import when
    from gateway.cli.next_descriptor import newest_own

    now = int(time.time())
    for facts in _facts(newest_own(home), now):
        if as_json:
            click.echo(json.dumps(facts))
            continue
        begins, ends = (when(facts[name]) if facts[name] else "" for name in ("from", "until"))
        click.echo(f"{facts['role']:8} {facts['algorithm']:10} {facts['state']:8} {begins:24} {ends:24} {facts['key']}")


@command.group(cls=GatewayGroup)
def roll() -> None:
    """Follow a key by a new one, while both count for some time. Links go on; no record waits."""


def _roll(role: str) -> None:
    @roll.command(role, epilog=f"Examples:\n  gateway keys roll {role} --overlap 7d --home nl")
    @click.option(
        "--overlap", type=DURATION, default="7d", show_default=True, help="How long the old key still counts."
    )
    @root_dir_option
    @home_option
    @json_option
    def rolled(overlap: int, root_dir: Path | None, home: Path, *, as_json: bool) -> None:
        from gateway.cli.roll_words import tell_rolled
        from gateway.cli.rolling import roll_signing_key

        tell_rolled(roll_signing_key(home, role, overlap=overlap, root_dir=root_dir), as_json=as_json)

    rolled.help = f"Make a new {role} key and publish the descriptor that names it."


for _role in ("log", "receipt"):
    _roll(_role)


def _facts(descriptor: Descriptor, now: int) -> Iterator[dict[str, Any]]:
    for key in descriptor.roots:
        yield {
            "role": "root",
            "algorithm": key.type.name,
            "state": "counts",
            "from": None,
            "until": None,
            "key": key.bare,
        }
    for role, keys in (("log", descriptor.log_keys), ("receipt", descriptor.receipt_keys)):
        for dated in sorted(keys, key=lambda each: (each.valid_from, each.valid_until)):
            state = "counts" if dated.counts_at(now) else "ended" if dated.valid_until <= now else "later"
            yield {
                "role": role,
                "algorithm": dated.key.type.name,
                "state": state,
                "from": dated.valid_from,
                "until": dated.valid_until,
                "key": dated.key.bare,
            }
