"""The commands of ``./run mock``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from mock_partners.command import cli\n"
        "for name in cli.commands: assert CliRunner().invoke(cli, [name, '--help']).exit_code == 0, name\n"
        "print([m for m in ('grpc', 'google.protobuf', 'pydantic', 'cryptography', 'rich', 'apsw') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
