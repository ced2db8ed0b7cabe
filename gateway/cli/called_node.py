"""The node of a home directory, as a command that asks it must know it: read without building all its settings.

That takes a few lines of ``gateway.toml``. What checks the whole tree costs as much to load as everything else that a
call needs; so it is asked only where these lines do not say it plainly, and then says what is wrong.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.errors import StoreInUse
from gateway.stores.store_lock import is_held

_FILE: Final = "gateway.toml"
_OVERRIDING: Final = ("GATEWAY_ADMINISTRATION", "GATEWAY_NATIONAL", "GATEWAY_OPERATIONS", "GATEWAY_STORE")
_WAYS: Final = {"certificate": False, "token": True}
_ADMINISTRATION: Final = re.compile(r"[A-Z]{2}")
_ADDRESS: Final = re.compile(r".+:\d{1,5}")


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class CalledNode:
    """Whose node it is, HOST:PORT of its ports at home, and its store.

    ``by_token``: the national port asks for a token.
    """

    administration: str
    national: str
    operations: str
    by_token: bool
    store: Path


def called_node(home: Path) -> CalledNode:
    """Give what is to be known of the node at ``home`` in order to call it.

    Raises:
        ConfigurationInvalid: its settings are missing or wrong; all that is wrong is named.
    """
    return _stated_plainly(home) or _of_all_settings(home)


def ask_node(home: Path, *, running: Callable[[], Result], stopped: Callable[[], Result]) -> Result:
    """Do one thing or the other, as the node at ``home`` runs or does not.

    Raises:
        ConfigurationInvalid: its settings are missing or wrong; all that is wrong is named.
    """
    if not is_held(called_node(home).store):
        try:
            return stopped()
        except StoreInUse:
            pass  # it has been started meanwhile
    return running()


def _stated_plainly(home: Path) -> CalledNode | None:
    """Read the usual case; None when the environment has a say, or the file says anything in another way."""
    if any(name.upper().startswith(_OVERRIDING) for name in os.environ):
        return None
    try:
        settings = tomllib.loads((home / _FILE).read_text("utf-8"))
        administration = _fitting(_ADMINISTRATION, settings["administration"])
        national = _fitting(_ADDRESS, settings["national"]["listen"])
        operations = _fitting(_ADDRESS, settings["operations"]["listen"])
        by_token = _WAYS[settings["national"].get("authentication", "certificate")]
        store = home / settings.get("store", {}).get("path", "gateway.db")
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return None
    return CalledNode(administration, national, operations, by_token, store)


def _fitting(form: re.Pattern[str], value: Any) -> str:  # noqa: ANN401  whatever stands in the file
    if not form.fullmatch(value):
        raise ValueError
    return str(value)


def _of_all_settings(home: Path) -> CalledNode:
    from gateway import config  # noqa: PLC0415  what this module is there to spare

    settings = config.load(home)
    return CalledNode(
        administration=settings.administration,
        national=settings.national.listen,
        operations=settings.operations.listen,
        by_token=settings.national.authentication is config.NationalAuthentication.TOKEN,
        store=home / settings.store.path,
    )
