"""An agreement in a file: the text that people wrote, or a note that somebody has signed already."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from gateway import config
from gateway.errors import DocumentInvalid
from gateway.signers.roles import ROOT, load_signers
from gateway.trust import agreements
from gateway.trust.names import root_key_name

_SIGNATURES: Final = "\n\n— ".encode()


def sign(home: Path, given: bytes) -> bytes:
    """Sign an agreement with the root keys of the administration at ``home``; gives the note.

    Raises:
        DocumentInvalid: it is no agreement, or these keys have signed it already.
        KeyFileUnsafe: the root key is not there (in production it is kept elsewhere) or others could read it.
    """
    settings = config.load(home)
    signers = load_signers(home / settings.files.keys, ROOT, root_key_name(settings.domain))
    if _SIGNATURES in given:
        return agreements.countersign(given, signers, settings.domain)
    try:
        text = given.decode("utf-8")
    except UnicodeDecodeError:
        raise DocumentInvalid("The agreement is not UTF-8 text.") from None
    return agreements.sign(text, signers, settings.domain)
