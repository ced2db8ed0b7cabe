"""The command ``gateway``: which commands there are."""

from __future__ import annotations

from importlib import import_module
from typing import Final

import click

COMMANDS: Final = {
    "init": "Make the home directory of a node: keys, certificates, descriptor, settings.",
    "descriptor": "Show, export and change what this administration says of itself.",
    "keys": "List and roll the keys with which this node signs.",
    "partner": "Add, list, suspend and revoke partners.",
    "agreement": "Check, compare, sign, add and list agreements.",
    "proposals": "Approve what another officer has proposed.",
    "documents": "Agreements that travel on the link and wait for an officer.",
    "introduce": "Development only: make two nodes on this machine partners.",
    "serve": "Run a node.",
    "records": "Write, check and explain records.",
    "submit": "Issue records.",
    "watch": "Show records as they arrive.",
    "show": "Show one record and where it stands.",
    "operators": "What administrations say of operators.",
    "consignment": "What is known of goods, as one timeline.",
    "inbox": "What is due: requests, alerts and recalls, by deadline.",
    "request": "Ask partners for controls, screenings and information; answer them.",
    "alert": "Forbid loading, hold goods, warn; take up what partners say.",
    "decide": "May we rely on what partners did?",
    "decision": "Show, watch, override and replay decisions.",
    "reliance": "What was relied on, where its goods are; suspend reliance.",
    "feedback": "Tell what arrival showed of goods that relied on a partner.",
    "recall": "Recall what must no longer be relied on; see what stood on it.",
    "statistics": "The figures by which an agreement is judged.",
    "views": "File all records anew, for lookups.",
    "doctor": "Look for what is wrong, and say who must do what.",
    "links": "Show the links with all partners.",
    "codes": "Load and list code lists.",
    "audit": "Who did what, when and why: list, export, verify.",
    "incident": "Why a link was suspended: list, export the proof, verify it offline.",
    "evidence": "Export the proof of a record, or verify one offline.",
    "fsck": "Check a node's store, and name what is wrong and its safe repair.",
    "backup": "Copy a node, also while it runs.",
    "restore": "Put a copy in the node's place.",
    "recover": "Take a lost log back from the partner that holds it.",
    "protos": "The messages and services for clients, for any compiler.",
    "demo": "Three administrations exchange signed records, live.",
}
"""Commands in the order in which a newcomer meets them; each is a module of ``gateway.cli.commands``."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import one command."""
        if cmd_name not in COMMANDS:
            return None
        found = import_module(f"gateway.cli.commands.{cmd_name}").command
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Examples:
  gateway init nl
  gateway serve nl
  gateway submit --home cn docs/examples/record.json
  gateway watch --home nl --evidence evidence
  gateway evidence verify evidence/*.zip --trust nl

\b
Exit codes:
  0  done
  1  refused or failed; the reason is on standard error
  2  wrong usage
  3  evidence is consistent, but not proven
  130  interrupted

Every command that prints data takes --json. A command that talks to a node finds it by --home DIR, by GATEWAY_HOME,
or in the current directory.""",
)
@click.version_option(package_name="mutual-recognition-gateway", prog_name="gateway")
def cli() -> None:
    """Exchange signed records of customs controls with other administrations, and prove them."""


def main() -> None:
    """Run the command named on the command line."""
    cli(prog_name="gateway")
