"""Three administrations that know each other, and agreements between them, without files or stores."""

from __future__ import annotations

from hashlib import sha256

from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.trust import agreements
from gateway.trust.book import TrustBook
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import log_key_name, receipt_key_name, root_key_name

NOW = 1_790_000_000
FOREVER = 2_000_000_000


def domain(administration: str) -> str:
    return f"customs.{administration.lower()}.example"


def signer(administration: str, role: str) -> SeedSigner:
    name = {"root": root_key_name, "log": log_key_name, "receipt": receipt_key_name}[role](domain(administration))
    key_type = KeyType.COSIGNATURE_ED25519 if role == "receipt" else KeyType.NOTE_ED25519
    return SeedSigner.from_seed(name, key_type, sha256(f"{administration} {role}".encode()).digest())


def descriptor_note(
    administration: str, *, version: int = 1, previous: bytes | None = None, contact: str = ""
) -> bytes:
    descriptor = Descriptor(
        administration=administration,
        name=f"Customs of {administration}",
        domain=domain(administration),
        version=version,
        previous=previous,
        issued=NOW + version,
        contacts=(contact or "duty desk",),
        endpoints=(f"gateway.{domain(administration)}:7400",),
        threshold=1,
        roots=(signer(administration, "root").key,),
        anchors=(b"an anchor",),
        denied=(),
        log_keys=(DatedKey(signer(administration, "log").key, 0, FOREVER),),
        receipt_keys=(DatedKey(signer(administration, "receipt").key, 0, FOREVER),),
    )
    return sign_descriptor(descriptor, [signer(administration, "root")])


def agreement_text(identity: str, one: str, other: str, flows: list[tuple[str, list[str]]], *, version: int = 1) -> str:
    tables = "".join(
        f'[[flows]]\nfrom = "{one}"\nto = "{other}"\nkind = "{kind}"\nfields = {fields!r}\n'
        'purposes = ["SECURITY_RISK"]\nretention_days = 30\n'
        for kind, fields in flows
    )
    return (
        f'mutualrecognition/agreement/v1\nid = "{identity}"\nversion = {version}\ntitle = "t"\nlegal_basis = "b"\n'
        f'parties = ["{one}", "{other}"]\nvalid_from = 2026-01-01\nvalid_until = 2031-01-01\n'
        f'signatures = "ed25519"\npurposes = ["SECURITY_RISK"]\n{tables}'
    )


def signed_by(text: str, *administrations: str) -> bytes:
    first, *rest = administrations
    note = agreements.sign(text, [signer(first, "root")], domain(first))
    for administration in rest:
        note = agreements.countersign(note, [signer(administration, "root")], domain(administration))
    return note


def book_of_cn() -> TrustBook:
    """CN's: NL gets controls without the officer's pseudonym, US gets them whole; screenings go to NL alone."""
    book = TrustBook("CN")
    for administration in ("CN", "NL", "US"):
        book = book.with_descriptor(descriptor_note(administration))
    to_nl = [("inspection_outcome", CONTROL_FIELDS), ("screening_result", ["*"])]
    for identity, other, flows in (("cn-nl", "NL", to_nl), ("cn-us", "US", [("inspection_outcome", ["*"])])):
        book = book.with_agreement(signed_by(agreement_text(identity, "CN", other, flows), "CN", other))
    return book


CONTROL_FIELDS = [
    "control_id", "consignment", "location", "started_at", "ended_at", "reason", "request_id", "methods",
    "conclusion", "discrepancies", "not_performed_reason", "seals_before", "seals_after", "coverage",
]  # fmt: skip
