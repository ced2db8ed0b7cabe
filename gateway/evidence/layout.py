"""Which file of a bundle is what, and in which order they stand (docs/protocol.md, Evidence bundle)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.errors import EvidenceInvalid
from gateway.evidence.readme import README

README_NAME: Final = "README.txt"
SCHEMA_NAME: Final = "records.binpb"
AGREEMENT_NAME: Final = "agreement.note"
DESCRIPTORS: Final = "descriptors/"
JUDGEMENTS: Final = "judgements/"


@dataclass(frozen=True, slots=True)
class EntryFiles:
    """The four files of one log entry: the record's bytes, the same for reading, the proof, the policy for it."""

    record: bytes
    json: bytes
    proof: bytes
    policy: bytes

    def named(self, prefix: str, stem: str) -> dict[str, bytes]:
        """Give the files under their names."""
        names = entry_names(prefix, stem)
        return dict(zip(names, (self.record, self.json, self.proof, self.policy), strict=True))


@dataclass(frozen=True, slots=True)
class BundleFiles:
    """All files of a bundle. Descriptors by file name, agreement empty where the record needs none."""

    entry: EntryFiles
    schema: bytes
    descriptors: Mapping[str, bytes]
    agreement: bytes
    judgements: Sequence[EntryFiles]

    def in_order(self) -> dict[str, bytes]:
        """Give the files by name, in the order in which they stand in the zip."""
        files = {README_NAME: README.encode()} | self.entry.named("", "record")
        files[SCHEMA_NAME] = self.schema
        if self.agreement:
            files[AGREEMENT_NAME] = self.agreement
        files |= self.descriptors
        for number, judgement in enumerate(self.judgements, start=1):
            files |= judgement.named(JUDGEMENTS, f"{number}")
        return files

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> BundleFiles:
        """Find the parts among a bundle's files; any file more or less is refused, and another order.

        Raises:
            EvidenceInvalid: naming the file.
        """
        bundle = cls(
            entry=_entry(files, "", "record"),
            schema=_file(files, SCHEMA_NAME),
            descriptors={name: data for name, data in files.items() if name.startswith(DESCRIPTORS)},
            agreement=files.get(AGREEMENT_NAME, b""),
            judgements=tuple(_judgements(files)),
        )
        if _file(files, README_NAME) != README.encode():
            raise EvidenceInvalid(f"{README_NAME} is not the text that every bundle has.")
        expected = bundle.in_order()
        if list(expected) != list(files):
            strange = next((name for name in files if name not in expected), "")
            raise EvidenceInvalid(
                f"The bundle holds {strange}, which means nothing there."
                if strange
                else "The files stand out of order."
            )
        return bundle


def descriptor_name(administration: str, version: int) -> str:
    """Give the file name of a descriptor."""
    return f"{DESCRIPTORS}{administration}-{version}.note"


def entry_names(prefix: str, stem: str) -> tuple[str, str, str, str]:
    """Give the names of an entry's four files."""
    policy = "trust-policy" if not prefix else f"{prefix}{stem}.trust-policy"
    return (f"{prefix}{stem}.bin", f"{prefix}{stem}.json", f"{prefix}{stem}.tlog-proof", policy)


def _judgements(files: Mapping[str, bytes]) -> Iterator[EntryFiles]:
    number = 1
    while f"{JUDGEMENTS}{number}.bin" in files:
        yield _entry(files, JUDGEMENTS, f"{number}")
        number += 1


def _entry(files: Mapping[str, bytes], prefix: str, stem: str) -> EntryFiles:
    record, text, proof, policy = (_file(files, name) for name in entry_names(prefix, stem))
    return EntryFiles(record, text, proof, policy)


def _file(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise EvidenceInvalid(f"The bundle has no {name}.")
    return files[name]
