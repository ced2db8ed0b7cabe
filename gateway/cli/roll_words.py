"""What is told after a descriptor was made or keys were rolled."""

from __future__ import annotations

import json
import time

import click

from gateway.cli.describing import when
from gateway.cli.next_descriptor import Made
from gateway.cli.rolling import Rolled
from gateway.trust.documents import write_digest


def tell_made(made: Made, *, as_json: bool) -> None:
    """Say what became of a next version."""
    if as_json:
        click.echo(json.dumps(_facts(made)))
    else:
        _tell(made)


def tell_rolled(rolled: Rolled, *, as_json: bool) -> None:
    """Say which keys are new, and until when the old ones count."""
    if as_json:
        files, made = [str(each) for each in rolled.files], [_facts(each) for each in rolled.made]
        click.echo(json.dumps({"files": files, "old_until": rolled.old_end, "descriptors": made}))
        return
    for file in rolled.files:
        click.echo(f"✓ new: {file}")
    click.echo(f"  the old one counts until {when(rolled.old_end)}")
    for each in rolled.made:
        _tell(each)


def _tell(made: Made) -> None:
    version, issued = made.descriptor.version, made.descriptor.issued
    if made.unsigned is not None:
        click.echo(f"  Version {version} of the descriptor waits for the root keys: {made.unsigned}")
        click.echo(
            f"  1  where they are:  gateway descriptor sign {made.unsigned.name} --root-dir DIR --out {version}.note"
        )
        click.echo(f"  2  back here:       gateway descriptor publish {version}.note")
    elif issued > time.time():
        click.echo(f"✓ Version {version} of the descriptor is signed; the node takes it into force at {when(issued)}.")
    else:
        click.echo(f"✓ Version {version} of the descriptor is in force. Partners fetch it by themselves.")


def _facts(made: Made) -> dict[str, object]:
    return {
        "version": made.descriptor.version,
        "digest": write_digest(made.descriptor.digest),
        "in_force_from": made.descriptor.issued,
        "published": made.unsigned is None,
        "unsigned": str(made.unsigned) if made.unsigned else None,
    }
