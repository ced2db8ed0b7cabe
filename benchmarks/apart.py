"""A benchmark on the wheel, in an environment of its own: ``python -m benchmarks.apart [--compiled] NAME [WORDS…]``.

    ./run python -m benchmarks.apart --compiled decisions --records 1000000

The libraries are those of this environment; the gateway is the wheel's. With ``--compiled`` its rules are compiled
(docs/decisions/0036-compiled-rules.md), which takes one or two minutes and a C compiler.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Apart:
    """An environment in which the wheel is installed."""

    wheel: Path
    bin: Path


def install_apart(place: Path, *, compiled: bool = False) -> Apart:
    """Build the wheel and install it in a fresh environment in ``place``.

    Raises:
        subprocess.CalledProcessError: what was said is in its ``stderr``.
    """
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)]
    environment = {**os.environ, "GATEWAY_COMPILED": "1" if compiled else ""}
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, env=environment)
    (wheel,) = place.glob("*.whl")
    venv.create(place / "venv", symlinks=True)
    python = place / "venv" / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--offline", "--no-deps", "--python", str(python)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    (site,) = (place / "venv" / "lib").glob("python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return Apart(wheel, python.parent)


def main() -> None:
    """Install, then run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compiled", action="store_true", help="with compiled rules")
    parser.add_argument("name", help="the benchmark, such as decisions")
    parser.add_argument("words", nargs=argparse.REMAINDER, help="what it takes")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory)
        print("building the wheel" + (", compiled" if arguments.compiled else ""), file=sys.stderr, flush=True)
        try:
            apart = install_apart(place, compiled=arguments.compiled)
        except subprocess.CalledProcessError as error:
            sys.exit(error.stderr.decode(errors="replace"))
        shutil.copytree(ROOT / "benchmarks", place / "tree" / "benchmarks")
        shutil.copytree(ROOT / "docs" / "examples", place / "tree" / "docs" / "examples")
        command = [str(apart.bin / "python"), "-m", f"benchmarks.{arguments.name}", *arguments.words]
        sys.exit(subprocess.run(command, cwd=place / "tree", check=False).returncode)


if __name__ == "__main__":
    main()
