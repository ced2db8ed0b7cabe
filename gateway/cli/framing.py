"""What all commands have in common: the options ``--home`` and ``--json``, and how a refusal is told."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from gateway.errors import GatewayError, Violation

REFUSED: Final = 1
ONLY_CONSISTENT: Final = 3
INTERRUPTED: Final = 130

_CLIENT: Final = "gateway.client"
Function = TypeVar("Function", bound=Callable[..., Any])


class GatewayCommand(click.Command):
    """A command that tells an error of the gateway, here or at a node, as reason, sentence and fields."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401  click's
        """Run it; exit code 1 when it is refused."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except GatewayError as error:
            told = (error.reason, str(error), error.violations)
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            told = ("FILE_ERROR", _file_sentence(error), ())
        except Exception as error:  # noqa: BLE001  what is no node's answer is raised again
            told = _status_of(error)
        tell_refusal(*told, as_json=bool(ctx.params.get("as_json")))
        raise click.exceptions.Exit(REFUSED)


class GatewayGroup(click.Group):
    """A group of such commands."""

    command_class = GatewayCommand


def _status_of(error: Exception) -> tuple[str, str, tuple[Violation, ...]]:
    """Read what a node answered; whatever else was raised is a bug and goes on."""
    if "grpc" in sys.modules:
        from gateway.cli.refusals import refusal_in  # noqa: PLC0415  only where a node was called

        if (told := refusal_in(error)) is not None:
            return told
    raise error


def tell_refusal(reason: str, sentence: str, violations: Iterable[Violation], *, as_json: bool) -> None:
    """Write a refusal to standard error."""
    if as_json:
        fields = [{"path": v.path, "rule": v.rule, "message": v.message} for v in violations]
        click.echo(json.dumps({"reason": reason, "message": sentence, "violations": fields}), err=True)
        return
    click.echo(f"✗ {reason}: {sentence}", err=True)
    for violation in violations:
        click.echo(f"    {violation.path}: {violation.message}", err=True)


def home_option(function: Function) -> Function:
    """Add ``--home``: the parameter ``home``, a directory with a gateway.toml."""
    return click.option(
        "--home",
        envvar="GATEWAY_HOME",
        default=".",
        show_default="the current directory",
        type=click.Path(file_okay=False, path_type=Path),
        help="Home directory of the node (also GATEWAY_HOME).",
    )(function)


def root_dir_option(function: Function) -> Function:
    """Add ``--root-dir``: the parameter ``root_dir``, where the root keys are, None when that was not said."""
    return click.option(
        "--root-dir",
        type=click.Path(file_okay=False, exists=True, path_type=Path),
        help="Where the root keys are, if not in HOME/keys.",
    )(function)


def client_option(function: Function) -> Function:
    """Add ``--client``: as which of the node's clients the command calls; ``calling_client`` gives it."""

    def remember(ctx: click.Context, _: click.Parameter, name: str | None) -> None:
        if name is not None:
            ctx.meta[_CLIENT] = name

    return click.option(
        "--client",
        envvar="GATEWAY_CLIENT",
        expose_value=False,
        callback=remember,
        help="Call as this client, with HOME/clients/NAME (also GATEWAY_CLIENT).",
    )(function)


def calling_client(default: str) -> str:
    """Name the client as which the present command calls."""
    context = click.get_current_context(silent=True)
    return default if context is None else str(context.meta.get(_CLIENT, default))


def resume_options(function: Function) -> Function:
    """Add ``--count``, ``--cursor`` and ``--resume``: parameters of these names."""
    for option in (
        click.option(
            "--resume",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Keep the cursor in this file, and go on from it next time.",
        ),
        click.option("--cursor", default="", help="Go on after this cursor, which --json tells."),
        click.option("--count", type=click.IntRange(min=1), help="Stop after so many."),
    ):
        function = option(function)
    return function


def json_option(function: Function) -> Function:
    """Add ``--json``: the parameter ``as_json``."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(function)


def _file_sentence(error: OSError) -> str:
    named = f"{error.filename}: " if error.filename else ""
    return f"{named}{error.strerror or error}."
