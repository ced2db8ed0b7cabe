"""A stolen key: a descriptor that ends it in the past, with another in its place, signed and published."""

from __future__ import annotations

from typing import Final

from gateway.linklog.keys import DatedKey
from gateway.signers.roles import LOG, ROOT, add_key, load_signers
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import log_key_name, root_key_name
from gateway.trust.revision import Revision
from mock_partners.staging.homes import Home

_BACKDATED: Final = 300
_LIFE: Final = 365 * 86_400


def end_log_keys(home: Home, *, since: int, now: int) -> tuple[Descriptor, bytes]:
    """Make a new log key at ``home``, and the descriptor by which all former ones end at ``since``; gives its note too.

    It is the second version of the descriptor: a play changes keys once.
    """
    known = home.descriptor
    keys = home.path / home.settings.files.keys
    signer, _ = add_key(keys, LOG, log_key_name(known.domain))
    revision = Revision(
        ends={each.key.bare: since for each in known.log_keys},
        new_log_keys=(DatedKey(signer.key, now - _BACKDATED, now + _LIFE),),
    )
    new = revision.after(known, issued=now)
    return new, sign_descriptor(new, load_signers(keys, ROOT, root_key_name(known.domain)))
