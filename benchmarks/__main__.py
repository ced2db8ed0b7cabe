"""``./run bench``."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import click
from rich.console import Console

from benchmarks.run import Effort, measure


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the figures here.")
@click.option("--records", type=click.IntRange(min=1), default=Effort.records, help="Records in a bulk.")
@click.option("--rounds", type=click.IntRange(min=1), default=Effort.rounds, help="Echo and bulk in turn, so often.")
@click.option(
    "--directory",
    type=click.Path(file_okay=False, exists=True, path_type=Path),
    help="Where the nodes keep their files: on the disk to be measured. The system's temporary directory if left out.",
)
def main(json_file: Path | None, records: int, rounds: int, directory: Path | None) -> None:
    """Measure two nodes on this machine, durable on both sides, beside a bare gRPC echo in the same run.

    It takes about a minute. Close other programs: everything shares the processors. docs/benchmarks.md says what the
    figures mean.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: everything is stopped and removed
    console = Console(stderr=True)
    with console.status("") as status:
        figures = measure(
            Effort(records=records, rounds=rounds), directory, lambda what: status.update(f"measuring: {what}")
        )
    Console().print(figures.table())
    if json_file is not None:
        json_file.write_text(json.dumps(figures.as_json(), indent=2) + "\n", "utf-8")


main(prog_name="./run bench")
