"""The protos for those who call a node: the same messages and services, without the rules of fields.

The rules are annotations of protovalidate, and every compiler would ask for its file. A client does not need them: the
node checks what is submitted and names each field that breaks one. So they are left out here, and what remains needs
nothing but protobuf itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from gateway.errors import ConfigurationInvalid

PACKAGE: Final = "mutualrecognition"
FOR_CLIENTS: Final = ("records", "national", "operations")
"""What clients and operators speak; ``federation`` is between gateways."""

_RULES: Final = [
    (re.compile(r'^import "buf/validate/validate\.proto";\n', re.MULTILINE), ""),
    (re.compile(r"\n*^( *)option \(buf\.validate\.[^\n]*\{\n.*?^\1\};$", re.MULTILINE | re.DOTALL), ""),
    (re.compile(r"\n*^ *option \(buf\.validate\.[^\n]*;$", re.MULTILINE), ""),
    (re.compile(r" \[\s*\(buf\.validate\..*?\];$", re.MULTILINE | re.DOTALL), ";"),
]
"""How ``buf format`` writes rules, and what is left of each."""


OF_ERRORS: Final = ("google/rpc/error_details.proto", "google/rpc/status.proto")
"""What a refusal is told in; compilers do not bring these either."""


def client_protos() -> Iterator[tuple[str, str]]:
    """Give name and text of each file.

    Raises:
        ConfigurationInvalid: the files are not there.
    """
    root = _root()
    for name in sorted(path.relative_to(root).as_posix() for path in root.glob(f"{PACKAGE}/*/v1/*.proto")):
        if name.split("/")[1] in FOR_CLIENTS:
            yield name, without_rules((root / name).read_text("utf-8"))
    for name in OF_ERRORS:
        yield name, (files("google.rpc") / Path(name).name).read_text("utf-8")


def without_rules(text: str) -> str:
    """Take the rules out of one file."""
    for rule, rest in _RULES:
        text = rule.sub(rest, text)
    return text


def _root() -> Path:
    """Find the protos: in the tree, else beside the code made from them where this is installed.

    An editable installation has both, the tree later on the path; its copy is as old as the installation.
    """
    found = find_spec(PACKAGE)
    for place in reversed(list((found and found.submodule_search_locations) or ())):
        for root in (Path(place).parent, Path(place).parents[1]):
            if any(root.glob(f"{PACKAGE}/*/v1/*.proto")):
                return root
    raise ConfigurationInvalid(f"The protos of {PACKAGE} are not installed beside the code that is made from them.")
