"""An agreement in a file: the text that people wrote, or a note that somebody has signed already."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway import config
from gateway.errors import DocumentInvalid, KeyFileUnsafe
from gateway.exchange.agreement_review import review
from gateway.node_files import refuse_demo_keys
from gateway.signers.roles import ROOT, load_signers
from gateway.trust import agreements
from gateway.trust.documents import read_document
from gateway.trust.names import root_key_name

_SIGNATURES: Final = "\n\n— ".encode()


def sign(home: Path, given: bytes, *, anyway: bool = False, root_dir: Path | None = None, domain: str = "") -> bytes:
    """Sign an agreement with the root keys of the administration at ``home``; gives the note.

    ``root_dir`` is where they are kept apart; with ``domain`` too no home is needed, as on a machine without a node.
    ``anyway`` signs also what this version of the records cannot keep.

    Raises:
        DocumentInvalid: it is no agreement, these keys have signed it already, or it has flows that cannot be kept.
        KeyFileUnsafe: the root key is not there (in production it is kept elsewhere) or others could read it.
        ConfigurationInvalid: in production, the keys are a demo's.
    """
    keys, domain = (root_dir, domain) if root_dir and domain else _of_home(home, root_dir)
    signers = load_signers(keys, ROOT, root_key_name(domain))
    if _SIGNATURES in given:
        note = agreements.countersign(given, signers, domain)
        _refuse_unless(anyway, read_document(given).text)
        return note
    text = text_in(given)
    note = agreements.sign(text, signers, domain)
    _refuse_unless(anyway, text)
    return note


def _of_home(home: Path, root_dir: Path | None) -> tuple[Path, str]:
    """Give where the root keys of a home are, and in whose name they sign."""
    settings = config.load(home)
    keys = root_dir or home / settings.files.keys
    refuse_demo_keys(settings, keys)
    if not any(keys.glob(f"{ROOT}*.key")):
        raise KeyFileUnsafe(f"There is no root key in {keys}: where it is kept apart, --root-dir says where.")
    return keys, settings.domain


def text_in(given: bytes) -> str:
    """Give the text of an agreement: of a signed note what was signed, else what people wrote.

    Raises:
        DocumentInvalid: it is no text.
        NoteMalformed: it is a broken note.
    """
    if _SIGNATURES in given:
        return read_document(given).text
    try:
        return given.decode("utf-8")
    except UnicodeDecodeError:
        raise DocumentInvalid("The agreement is not UTF-8 text.") from None


def _refuse_unless(anyway: bool, text: str) -> None:  # noqa: FBT001  read as a sentence
    objections = () if anyway else review(text)
    if objections:
        raise DocumentInvalid(
            "Records under this agreement could not be as it says: correct its text before anybody signs it, or, where "
            "the partner has a newer version that knows more, sign it --anyway.",
            violations=objections,
        )
