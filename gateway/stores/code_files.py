"""Code lists that an operator has loaded, as files in ``HOME/codes``: one for each list, in the form that it came in.

A loaded list takes the place of the one that comes with the program. A node reads them when it starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.errors import ConfigurationInvalid, Malformed
from gateway.records.codes import CodeList, read_code_list, shipped
from gateway.records.oddities import LISTS_LOOKED_UP
from gateway.whole_files import write_whole

DIRECTORY: Final = "codes"


def code_lists(home: Path) -> Mapping[str, CodeList]:
    """Give the lists that count for the node at ``home``, by name: loaded ones, else those of the program.

    Raises:
        ConfigurationInvalid: a loaded file is no such list any more.
    """
    return {**shipped(), **loaded(home)}


def loaded(home: Path) -> Mapping[str, CodeList]:
    """Give the lists that were loaded at ``home``, by name; none where there is no such place.

    Raises:
        ConfigurationInvalid: as ``code_lists``.
    """
    return {path.stem: _read(path) for path in sorted((home / DIRECTORY).glob("*.csv"))}


def load(home: Path, data: bytes) -> CodeList:
    """Check a list and keep it at ``home``, in place of the one of the same name.

    Raises:
        Malformed: it is no code list, nothing here is looked up in one of its name, or it is not for one side alone.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Malformed("The code list is not UTF-8 text.") from None
    found = read_code_list(text)
    if found.name not in LISTS_LOOKED_UP:
        raise Malformed(_not_loadable(found.name))
    path = home / DIRECTORY / f"{found.name}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, text.encode())
    return found


def _not_loadable(name: str) -> str:
    if name in shipped():
        return f"The list {name} decides about rules, which both sides must read alike: it comes with the program."
    return f"Nothing is looked up in a list {name!r}; the lists are {', '.join(sorted(LISTS_LOOKED_UP))}."


def _read(path: Path) -> CodeList:
    try:
        found = read_code_list(path.read_text("utf-8"))
    except (Malformed, UnicodeDecodeError) as error:
        raise ConfigurationInvalid(f"{path}: {error}") from None
    if found.name != path.stem or found.name not in LISTS_LOOKED_UP:
        raise ConfigurationInvalid(f"{path} holds the list {found.name!r}; 'gateway codes load' names files rightly.")
    return found
