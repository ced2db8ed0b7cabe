"""Documents that must not come into force, offered on the link (section 10), and what is not the rogue's to ask for."""

from __future__ import annotations

import os
from dataclasses import replace

from mock_partners.rogue import logs
from mock_partners.rogue.agreements import Agreement
from mock_partners.rogue.attack import attack
from mock_partners.rogue.calls import SERVICE, call, offer
from mock_partners.rogue.descriptors import Period
from mock_partners.rogue.heard import Heard, refuses
from mock_partners.rogue.identity import Identity
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NOTE, RECEIPT, Key, b64, bare, note
from mutualrecognition.federation.v1 import link_pb2 as pb

_SMALL_ORDER = bytes([1]) + bytes(31)
"""The neutral element: it verifies signatures that nobody made."""
_NOT_CANONICAL = b"\xee" + b"\xff" * 30 + b"\x7f"
"""p + 1 where 1 is due: another encoding of the same point."""
_NO_POINT = bytes([2]) + bytes(31)


async def _next(link: Link, key: Key | None = None, **changes: object) -> Heard:
    """Offer the next descriptor with these changes, signed by the root key or another one."""
    own = link.identity
    return await offer(link, own.descriptor.following(issued=link.now(), **changes).signed(key or own.root))


def _more_logs(link: Link, public: bytes) -> tuple[Period, ...]:
    own = link.identity.descriptor
    return (*own.logs, Period(bare(NOTE, public), own.issued, own.issued + 1000))


@attack("R-DOC-04", refuses("DOCUMENT_INVALID"))
async def no_document(link: Link) -> Heard:
    """Offers a signed note that is neither descriptor nor agreement."""
    text = b"something else/v1\nto be signed\n"
    return await offer(link, note(text, link.identity.root.line(f"{link.identity.domain}/root", text)))


@attack("R-NOT-04", refuses("MALFORMED"))
async def endless_document(link: Link) -> Heard:
    """Offers a document of more than 256 KiB."""
    text = b"mutualrecognition/agreement/v1\n" + b"# so long\n" * 30_000
    return await offer(link, note(text, link.identity.root.line(f"{link.identity.domain}/root", text)))


@attack("R-DSC-02", refuses("DOCUMENT_INVALID"))
async def broken_chain(link: Link) -> Heard:
    """Offers its next descriptor, which names another digest as the one before it."""
    return await _next(link, previous=b64(os.urandom(32)))


@attack("R-DSC-02", refuses("DOCUMENT_INVALID"))
async def skipped_version(link: Link) -> Heard:
    """Offers its descriptor of version 3 where 2 is due."""
    return await _next(link, version=3)


@attack("R-DSC-02", refuses("DOCUMENT_INVALID"))
async def next_by_new_root_alone(link: Link) -> Heard:
    """Offers its next descriptor with a new root key, signed by the new root key alone."""
    new = Key.new(NOTE)
    return await _next(link, new, roots=(new.bare,))


@attack("R-DSC-01 R-DSC-02", refuses("DOCUMENT_INVALID"))
async def next_by_log_key(link: Link) -> Heard:
    """Offers its next descriptor, signed by its log key in the root key's name."""
    return await _next(link, Key(NOTE, link.identity.log.seed))


@attack("R-DSC-02 R-DSC-03", refuses("DOCUMENT_INVALID"))
async def forgets_a_key(link: Link) -> Heard:
    """Offers its next descriptor without the log key of the one before."""
    own = link.identity.descriptor
    new = Period(Key.new(NOTE).bare, own.issued, own.issued + 1000)
    return await _next(link, logs=(new,))


@attack("R-DSC-02 R-DSC-03", refuses("DOCUMENT_INVALID"))
async def lengthens_a_key(link: Link) -> Heard:
    """Offers its next descriptor, in which a log key counts for longer than before."""
    (log,) = link.identity.descriptor.logs
    return await _next(link, logs=(replace(log, until=log.until + 1),))


@attack("R-DSC-02", refuses("DOCUMENT_INVALID"))
async def moves_to_another_domain(link: Link) -> Heard:
    """Offers its next descriptor with another trust domain, which it has signed for too."""
    return await _next(link, domain="customs.xy.example")


@attack("R-KEY-04", refuses("KEY_REFUSED"))
async def small_order_key(link: Link) -> Heard:
    """Offers its next descriptor with a log key of small order, which verifies what nobody signed."""
    return await _next(link, logs=_more_logs(link, _SMALL_ORDER))


@attack("R-KEY-04", refuses("KEY_REFUSED"))
async def second_spelling_of_a_key(link: Link) -> Heard:
    """Offers its next descriptor with a log key that is not in canonical encoding."""
    return await _next(link, logs=_more_logs(link, _NOT_CANONICAL))


@attack("R-KEY-04", refuses("KEY_REFUSED"))
async def key_that_is_no_point(link: Link) -> Heard:
    """Offers its next descriptor with a log key that is not on the curve."""
    return await _next(link, logs=_more_logs(link, _NO_POINT))


@attack("R-KEY-03", refuses("KEY_REFUSED"))
async def one_key_for_two_roles(link: Link) -> Heard:
    """Offers its next descriptor, in which its root key signs receipts too."""
    own = link.identity.descriptor
    root = Key(RECEIPT, link.identity.root.seed)
    return await _next(link, receipts=(*own.receipts, Period(root.bare, own.issued, own.issued + 1000)))


@attack("R-KEY-03", refuses("KEY_REFUSED"))
async def the_partners_key(link: Link) -> Heard:
    """Offers its next descriptor, in which the partner's log key is its own."""
    return await _next(link, logs=_more_logs(link, link.partner.log_keys[0].public))


@attack("R-DSC-04", replace(refuses("DESCRIPTOR_FORK"), suspending=True))
async def second_first_descriptor(link: Link) -> Heard:
    """Offers another descriptor of the version that the partner holds, well signed."""
    own = link.identity
    return await offer(link, replace(own.descriptor, issued=own.issued + 1).signed(own.root))


@attack("R-DOC-04", refuses("DOCUMENT_INVALID"))
async def descriptor_of_another(link: Link) -> Heard:
    """Offers the first descriptor of an administration that does not exist."""
    return await offer(link, Identity.new("XY", link.now()).note)


@attack("R-AGR-01 R-DOC-06", refuses("DOCUMENT_INVALID"))
async def agreement_by_wrong_key(link: Link) -> Heard:
    """Offers an agreement that it has signed with its log key in the root key's name."""
    return await offer(link, _agreement(link, Key(NOTE, link.identity.log.seed)))


@attack("R-DOC-04", refuses("DOCUMENT_INVALID"))
async def agreement_of_others(link: Link) -> Heard:
    """Offers an agreement between two other administrations, which it has signed."""
    return await offer(link, _agreement(link, link.identity.root, parties=("XX", "XY")))


@attack("R-AGR-05", refuses("DOCUMENT_INVALID"))
async def agreement_with_more_in_it(link: Link) -> Heard:
    """Offers an agreement with a key that no table of the protocol has."""
    return await offer(link, _agreement(link, link.identity.root, more=b"surrender = true\n"))


@attack("R-AGR-04", refuses("DOCUMENT_INVALID"))
async def agreement_that_says_two_things(link: Link) -> Heard:
    """Offers an agreement in which two flows release one kind for one purpose."""
    own, partner = link.identity.administration, link.partner.administration
    flow = (
        f'\n[[flows]]\nfrom = "{partner}"\nto = "{own}"\nkind = "inspection_outcome"\nfields = ["control_id"]\n'
        'purposes = ["SECURITY_RISK"]\nretention_days = 1\n'
    )
    return await offer(link, _agreement(link, link.identity.root, more=flow.encode(), behind=True))


@attack("R-RCV-05", refuses("NOT_FOUND"))
async def asks_for_anothers_log(link: Link) -> Heard:
    """Asks for the entries that the partner has sent to somebody else."""
    request = pb.GetEntriesRequest(origin=logs.origin(link.partner.domain, "CN"))
    heard, _ = await call(link, f"{SERVICE}GetEntries", request.SerializeToString())
    return heard


@attack("R-LIM-03", refuses("LIMIT_EXCEEDED"))
async def asks_with_thousands_of_agreements(link: Link) -> Heard:
    """Asks for documents, and names three thousand agreements that it says it holds."""
    held = [pb.AgreementVersion(id=f"none-{number}", version=1, digest=bytes(32)) for number in range(3000)]
    descriptor = pb.DocumentVersion(version=link.partner.version, digest=link.partner.digest)
    request = pb.GetDocumentsRequest(descriptor_held=descriptor, agreements=held)
    heard, _ = await call(link, f"{SERVICE}GetDocuments", request.SerializeToString())
    return heard


def _agreement(
    link: Link, key: Key, *, parties: tuple[str, str] | None = None, more: bytes = b"", behind: bool = False
) -> bytes:
    own, partner = link.identity, link.partner.administration
    made = Agreement("offered", parties or (own.administration, partner), link.now(), link.now() + 1000)
    head, line, rest = made.text.partition(b"\nversion = 1\n")
    text = made.text + more if behind else head + line + more + rest
    return note(text, key.line(f"{own.domain}/root", text))
