"""The administrations of a simulated world: their keys, their descriptors, and what they agree on."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import cache
from hashlib import sha256
from itertools import combinations
from random import Random

from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.trust import agreements
from gateway.trust.descriptors import Descriptor, sign_descriptor
from gateway.trust.names import log_key_name, receipt_key_name, root_key_name

START = 1_800_000_000
FOREVER = 2_000_000_000
ADMINISTRATIONS = ("CN", "JP", "NL", "US")
CONTROL_FIELDS = (
    "control_id", "consignment", "location", "started_at", "ended_at", "reason", "request_id", "methods",
    "conclusion", "discrepancies", "not_performed_reason", "seals_before", "seals_after", "coverage",
)  # fmt: skip
"""All of a control but who carried it out."""

BASIC = (("inspection_outcome", CONTROL_FIELDS), ("aeo_status", ("*",)), ("withdrawal", ("*",)), ("alert", ("*",)))
EXTRA = (("screening_result", ("*",)),)


def domain(administration: str) -> str:
    return f"customs.{administration.lower()}.example"


@cache
def signer(administration: str, role: str, number: int = 1) -> SeedSigner:
    name = {"root": root_key_name, "log": log_key_name, "receipt": receipt_key_name}[role](domain(administration))
    key_type = KeyType.COSIGNATURE_ED25519 if role == "receipt" else KeyType.NOTE_ED25519
    return SeedSigner.from_seed(name, key_type, sha256(f"{administration} {role} {number}".encode()).digest())


@cache
def first_descriptor(administration: str) -> Descriptor:
    return Descriptor(
        administration=administration,
        name=f"Customs of {administration}",
        domain=domain(administration),
        version=1,
        previous=None,
        issued=START,
        contacts=("duty desk",),
        endpoints=(f"gateway.{domain(administration)}:7400",),
        threshold=1,
        roots=(signer(administration, "root").key,),
        anchors=(b"an anchor of " + administration.encode(),),
        denied=(),
        log_keys=(DatedKey(signer(administration, "log").key, 0, FOREVER),),
        receipt_keys=(DatedKey(signer(administration, "receipt").key, 0, FOREVER),),
    )


@cache
def signed_descriptor(descriptor: Descriptor) -> bytes:
    return sign_descriptor(descriptor, [signer(descriptor.administration, "root")])


def next_descriptor(administration: str, before: Descriptor, *, key: int, at: int, former_until: int) -> Descriptor:
    """The next version: one more log key, which counts from ``at``; those before end soon."""
    ending = tuple(DatedKey(each.key, each.valid_from, min(each.valid_until, former_until)) for each in before.log_keys)
    new = DatedKey(signer(administration, "log", key).key, at, FOREVER)
    return replace(
        before,
        version=before.version + 1,
        previous=before.digest,
        issued=at,
        log_keys=tuple(sorted((*ending, new), key=lambda each: each.key.bare)),
    )


@dataclass(frozen=True)
class Treaty:
    """An agreement as both sides signed it, and as this test reads it: by itself, without the product's code."""

    id: str
    version: int
    parties: tuple[str, str]
    note: bytes

    @property
    def terms(self) -> dict:  # type: ignore[type-arg]
        return _terms(self.note)

    def covers(self, sender: str, receiver: str, kind: str, at: int) -> tuple[str, ...] | None:
        """Give the fields that may go, None when nothing may."""
        terms = self.terms
        if not _posix(terms["valid_from"]) <= at < _posix(terms["valid_until"]):
            return None
        for flow in terms["flows"]:
            if (flow["from"], flow["to"], flow["kind"]) == (sender, receiver, kind):
                return tuple(flow["fields"])
        return None


@cache
def treaty(
    one: str, other: str, name: str, flows: tuple[tuple[str, tuple[str, ...]], ...], version: int, until: str
) -> Treaty:
    """Write an agreement, the same both ways, and have both sides sign it."""
    identity = f"{one}-{other}-{name}".lower()
    tables = "".join(
        f'[[flows]]\nfrom = "{sender}"\nto = "{receiver}"\nkind = "{kind}"\nfields = {list(fields)!r}\n'
        'purposes = ["SECURITY_RISK"]\nretention_days = 30\n'
        for sender, receiver in ((one, other), (other, one))
        for kind, fields in flows
    )
    text = (
        f'mutualrecognition/agreement/v1\nid = "{identity}"\nversion = {version}\ntitle = "t"\nlegal_basis = "b"\n'
        f'parties = ["{one}", "{other}"]\nvalid_from = 2026-01-01\nvalid_until = {until}\n'
        f'signatures = "ed25519"\npurposes = ["SECURITY_RISK"]\n{tables}'
    )
    note = agreements.sign(text, [signer(one, "root")], domain(one))
    note = agreements.countersign(note, [signer(other, "root")], domain(other))
    return Treaty(identity, version, (one, other), note)


def basic(one: str, other: str, version: int = 1) -> Treaty:
    one, other = sorted((one, other))
    return treaty(one, other, "basic", BASIC, version, "2031-01-01")


def amended(one: str, other: str, version: int, chance: Random) -> Treaty:
    """A next version of what both agreed on: it lets more through, or less."""
    one, other = sorted((one, other))
    fewer = tuple(each for each in CONTROL_FIELDS if each not in {"location", "seals_before", "seals_after"})
    flows = (("inspection_outcome", chance.choice((CONTROL_FIELDS, fewer))), *BASIC[1:])
    return treaty(one, other, "basic", flows + chance.choice(((), EXTRA)), version, "2031-01-01")


def passing(one: str, other: str, until: int) -> Treaty:
    """An agreement on screenings that ends at ``until``, POSIX seconds."""
    one, other = sorted((one, other))
    ends = datetime.fromtimestamp(until, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return treaty(one, other, "passing", EXTRA, 1, ends)


def extra(one: str, other: str) -> Treaty:
    """Screenings too: an agreement that one side may hold before the other does."""
    one, other = sorted((one, other))
    return treaty(one, other, "extra", EXTRA, 1, "2031-01-01")


def pairs(administrations: tuple[str, ...]) -> list[tuple[str, str]]:
    return list(combinations(administrations, 2))


@cache
def _terms(note: bytes) -> dict:  # type: ignore[type-arg]
    text = note.decode().partition("\n\n—")[0]
    return tomllib.loads(text.partition("\n")[2])


def _posix(moment: object) -> int:
    if isinstance(moment, datetime):
        return int(moment.timestamp())
    assert isinstance(moment, date)
    return int(datetime.combine(moment, time.min, UTC).timestamp())
