"""Evidence bundles in files, and what a verifier knows from outside, from files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gateway.cli.client import CALL_SECONDS
from gateway.config import CONFIG_FILE
from gateway.errors import DocumentInvalid, NoteMalformed
from gateway.trust.descriptors import Descriptor
from gateway.trust.documents import DIGEST_BYTES, read_digest
from gateway.trust.succession import verify_first
from gateway.whole_files import write_whole
from mutualrecognition.national.v1 import records_service_pb2 as pb
from mutualrecognition.national.v1.records_service_pb2_grpc import RecordsServiceStub

BUNDLE_AT_MOST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class KnownOutside:
    """What a verifier trusts before it looks at any bundle: digests, and descriptors that it holds."""

    digests: frozenset[bytes]
    descriptors: tuple[Descriptor, ...]


def keep(records: RecordsServiceStub, record_id: str, partner: str, directory: Path, *, issuer: str = "") -> Path:
    """Export a record's bundle into a directory; gives the file."""
    request = pb.ExportEvidenceRequest(record_id=record_id, partner=partner, issuer=issuer)
    answer = records.ExportEvidence(request, timeout=CALL_SECONDS)
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / Path(answer.file_name).name
    write_whole(path, answer.bundle)
    return path


def read_bundle(path: Path) -> bytes:
    """Read a bundle; of a file that is too long no more than shows that it is."""
    with path.open("rb") as file:
        return file.read(BUNDLE_AT_MOST + 1)


def known_outside(digests: tuple[str, ...], places: tuple[Path, ...]) -> KnownOutside:
    """Gather digests, directories of descriptors (``*.note``), homes of nodes, and files that list digests.

    Raises:
        DocumentInvalid, NoteMalformed: a descriptor or a digest that is none.
    """
    found = {_digest(text) for text in digests}
    held: list[Descriptor] = []
    for place in places:
        if place.is_file():
            found |= _listed(place)
        elif (place / CONFIG_FILE).exists():
            held += _of_node(place)
        else:
            notes = sorted(place.glob("*.note"))
            if not notes:
                raise DocumentInvalid(f"{place} has neither descriptors (*.note) nor a {CONFIG_FILE}.")
            held += [verify_first(note.read_bytes()) for note in notes]
    return KnownOutside(frozenset(found), tuple(held))


def _of_node(home: Path) -> list[Descriptor]:
    from gateway.cli.trust_door import held_documents  # noqa: PLC0415  the whole node, only where it is needed
    from gateway.ports.documents import DocumentType  # noqa: PLC0415

    return [verify_first(each.note) for each in held_documents(home, DocumentType.DESCRIPTOR)]


def _listed(file: Path) -> set[bytes]:
    """Read a list such as roots.txt: the digest is the last word of each line; # begins a remark."""
    lines = (line.partition("#")[0].split() for line in file.read_text("utf-8").splitlines())
    return {_digest(words[-1]) for words in lines if words}


def _digest(text: str) -> bytes:
    if len(text) == 2 * DIGEST_BYTES:
        try:
            return bytes.fromhex(text)
        except ValueError:
            pass
    try:
        return read_digest(text)
    except NoteMalformed as error:
        raise NoteMalformed(f"{text!r} is no digest of a descriptor: {error.sentence}") from None
