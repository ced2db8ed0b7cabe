"""Descriptors of two administrations with keys from fixed seeds, and an agreement between them."""

from __future__ import annotations

import dataclasses
from hashlib import sha256

import pytest

from gateway.linklog.keys import DatedKey, KeyType, SeedSigner
from gateway.trust.descriptors import Descriptor
from gateway.trust.names import log_key_name, receipt_key_name, root_key_name

ISSUED = 1_790_000_000
UNTIL = ISSUED + 31_536_000

AGREEMENT = """mutualrecognition/agreement/v1
# Who may rely on whose controls.
id = "cn-nl-security"
version = 2
title = "Mutual recognition of controls"
legal_basis = "Decision 1/2026 of the joint committee"
parties = ["CN", "NL"]
valid_from = 2026-01-01
valid_until = 2031-01-01T00:00:00Z
signatures = "ed25519"
purposes = ["SECURITY_RISK", "AEO_BENEFIT"]
notice_days = 60

[[flows]]
from = "CN"
to = "NL"
kind = "inspection_outcome"
fields = ["control_id", "consignment.containers", "methods", "conclusion"]
purposes = ["SECURITY_RISK"]
retention_days = 365

[[flows]]
from = "NL"
to = "CN"
kind = "aeo_status"
fields = ["*"]
purposes = ["AEO_BENEFIT", "SECURITY_RISK"]
retention_days = 730

[[equivalence]]
from = "CN"
to = "NL"
basis = "control"
method = "NII_XRAY"
counts_as = "NII"
threats = ["EXPLOSIVES_IED", "RADIOLOGICAL_NUCLEAR"]
max_age_hours = 720
min_energy_mev = 6.0
seal = "H"

[[equivalence]]
from = "CN"
to = "NL"
basis = "screening"
counts_as = "SCREENING"
threats = ["EXPLOSIVES_IED"]
max_age_hours = 72
level_at_most = "LOW"

[[response_times]]
from = "CN"
to = "NL"
kind = "control_request"
hours = 6

[[max_status_age]]
kind = "aeo_status"
hours = 24
"""


def seed(*parts: object) -> bytes:
    return sha256("/".join(map(str, parts)).encode()).digest()


class Owner:
    """An administration with as many keys as a test asks for."""

    def __init__(self, administration: str) -> None:
        self.administration = administration
        self.domain = f"customs.{administration.lower()}.example"

    def root(self, number: int) -> SeedSigner:
        return self._signer(root_key_name(self.domain), KeyType.NOTE_ED25519, number)

    def log(self, number: int, key_type: KeyType = KeyType.NOTE_ED25519) -> SeedSigner:
        return self._signer(log_key_name(self.domain), key_type, number)

    def receipt(self, number: int, key_type: KeyType = KeyType.COSIGNATURE_ED25519) -> SeedSigner:
        return self._signer(receipt_key_name(self.domain), key_type, number)

    def descriptor(self, **changes: object) -> Descriptor:
        first = Descriptor(
            administration=self.administration,
            name=f"Customs of {self.administration}",
            domain=self.domain,
            version=1,
            previous=None,
            issued=ISSUED,
            contacts=(f"duty@{self.domain}",),
            endpoints=(f"gateway.{self.domain}:8443",),
            threshold=2,
            roots=tuple(sorted((self.root(n).key for n in (1, 2, 3)), key=lambda key: key.bare)),
            anchors=(b"\x30\x03" + self.administration.encode() + b"\x00",),
            denied=(),
            log_keys=(DatedKey(self.log(1).key, ISSUED, UNTIL),),
            receipt_keys=(DatedKey(self.receipt(1).key, ISSUED, UNTIL),),
        )
        return dataclasses.replace(first, **changes)  # type: ignore[arg-type]

    def _signer(self, name: str, key_type: KeyType, number: int) -> SeedSigner:
        return SeedSigner.from_seed(name, key_type, seed(name, key_type, number))


@pytest.fixture(scope="session")
def nl() -> Owner:
    return Owner("NL")


@pytest.fixture(scope="session")
def cn() -> Owner:
    return Owner("CN")


@pytest.fixture(scope="session")
def agreement_text() -> str:
    return AGREEMENT
