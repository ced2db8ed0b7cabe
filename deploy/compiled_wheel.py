"""The wheel with its rules compiled: ``GATEWAY_COMPILED=1 python -m hatchling build -t wheel``.

mypyc, which comes with the type checker, makes C of the modules that a decision passes through; a C compiler and
Python's headers (Debian: gcc, python3-dev) must be there. The wheel has their source too, and fits one version of
Python on one kind of machine.
Without the variable, and for every editable installation, nothing is compiled: the same sources run as they are.
Nothing is written into the tree. docs/decisions/0036-compiled-rules.md says why.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SWITCH: Final = "GATEWAY_COMPILED"
COMPILED: Final = {
    "gateway_deciding": (
        "gateway/recognition/**/*.py",
        "gateway/reliance/notices.py",
    ),
    "gateway_storing": (
        "gateway/views/keys.py",
        "gateway/views/naming.py",
        "gateway/views/operators.py",
        "gateway/records/identifiers/*.py",
        "gateway/linklog/hashing.py",
        "gateway/linklog/tree.py",
        *(f"gateway/ports/{name}.py" for name in ("decisions", "facts", "ledger", "links", "records")),
        *(
            f"gateway/stores/sqlite/{name}.py"
            for name in (
                "audit",
                "decision_rows",
                "decisions",
                "facts",
                "group_commit",
                "key_places",
                "ledger_rows",
                "many",
                "proven",
                "reader",
                "reading",
                "view_index",
            )
        ),
    ),
}
"""What a decision passes through, by library. A package's own ``__init__`` stays as it is: it says what is inside, and
runs once. So does what mypyc cannot do: a class on one of another library's (``connection``), generators that wait."""


class CompiledRules(BuildHookInterface[Any]):
    """Adds the compiled modules to a wheel when ``GATEWAY_COMPILED`` is 1."""

    _place: TemporaryDirectory[str] | None = None

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name what the wheel shall have besides the sources."""
        if os.environ.get(SWITCH) != "1" or version == "editable":
            return
        self._place = TemporaryDirectory()
        place = Path(self._place.name)
        for made in compile_rules(Path(self.root), place):
            build_data["force_include"][str(made)] = made.relative_to(place).as_posix()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Clear up."""
        if self._place is not None:
            self._place.cleanup()


def can_compile() -> bool:
    """Say whether this machine has what it takes."""
    has_headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    return has_headers and any(map(shutil.which, ("cc", "gcc", "clang")))


def compile_rules(root: Path, place: Path) -> list[Path]:
    """Compile a copy of the sources in ``place``; gives the libraries, each where it belongs beside its source.

    Raises:
        RuntimeError: there is no compiler or there are no headers, or with what the compiler said.
    """
    if not can_compile():
        raise RuntimeError("Compiling the rules needs a C compiler and Python's headers (Debian: gcc, python3-dev).")
    shutil.copytree(root / "gateway", place / "gateway")
    groups = {
        name: [
            file.relative_to(place).as_posix()
            for pattern in patterns
            for file in sorted(place.glob(pattern))
            if file.name != "__init__.py"
        ]
        for name, patterns in COMPILED.items()
    }
    done = subprocess.run(
        [sys.executable, str(root / "deploy" / "compile_modules.py"), str(root / "pyproject.toml"), json.dumps(groups)],
        cwd=place,
        env={**os.environ, "MYPYPATH": str(root / "protos" / "python"), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"The rules could not be compiled:\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return [file for file in place.rglob("*.so") if "build" not in file.relative_to(place).parts]
