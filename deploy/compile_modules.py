"""Compiles a copy of modules in the directory where it runs: ``python compile_modules.py CONFIGURATION GROUPS``.

``GROUPS`` is JSON, names with lists of files. Each group becomes a library, and two compilers run at once. Inside a
group functions call each other directly, between groups through a table. ``compiled_wheel.py`` starts this.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from mypyc.build import mypycify
from native_values import with_native_values
from setuptools import setup

ONCE_ONLY = re.compile(r"^char CPyDef_\w+_____top_level__\(void\) \{$", re.MULTILINE)
"""What runs when a module is imported: one long function, for which a compiler that optimizes takes longest."""


def main() -> None:
    """Write the values out, make C of it all, compile that."""
    configuration, groups = sys.argv[1], json.loads(sys.argv[2])
    files = [file for group in groups.values() for file in group]
    for file in map(Path, files):
        file.write_text(with_native_values(file.read_text("utf-8")), "utf-8")
    made = mypycify(
        ["--config-file", configuration, *files],
        opt_level="1",
        debug_level="0",
        separate=[(group, name) for name, group in groups.items()],
    )
    for file in Path("build").rglob("*.c"):
        file.write_text(ONCE_ONLY.sub(r'__attribute__((optimize("O0"))) \g<0>', file.read_text("utf-8")), "utf-8")
    sys.argv[1:] = ["build_ext", "--inplace", "-j2"]
    setup(name="compiled", packages=[], ext_modules=made)


if __name__ == "__main__":
    main()
