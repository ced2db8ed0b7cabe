"""``gateway protos``."""

# ruff: noqa: PLC0415  imports inside commands, so that --help answers at once

from __future__ import annotations

import json
from pathlib import Path

import click

from gateway.cli.framing import GatewayCommand, json_option


@click.command(
    cls=GatewayCommand,
    epilog="""\b
Examples:
  gateway protos protos
  python -m grpc_tools.protoc -I protos --python_out=stubs --grpc_python_out=stubs \\
      $(find protos/mutualrecognition -name '*.proto')""",
)
@click.argument("directory", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@json_option
def command(directory: Path, *, as_json: bool) -> None:
    """Write into DIR the messages and services that clients of a node speak, for any protobuf compiler.

    They are the protos of this version without the rules of fields, which need protovalidate; the node checks them.
    With them come those of google.rpc in which a refusal is told.
    """
    from gateway.cli.client_protos import client_protos
    from gateway.whole_files import write_whole

    names = []
    for name, text in client_protos():
        file = directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(file, text.encode())
        names.append(name)
    if as_json:
        click.echo(json.dumps({"directory": str(directory), "files": names}))
        return
    click.echo(
        f"✓ {len(names)} files in {directory}: national and operations have the services, records what they carry."
    )
