"""The last act: the proof of one record, checked offline by the command, and the same file with one bit changed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

from gateway.cli.demo.processes import Answer, run
from gateway.cli.demo.story import Stage
from gateway.cli.demo.world import World
from gateway.cli.evidence_files import keep
from gateway.errors import EvidenceInvalid

BUNDLES_EACH: Final = 4
"""How many bundles of each node's received records ``--out`` keeps: 12 in all."""


def prove(stage: Stage, world: World, directory: Path) -> None:
    """Export one record's evidence and verify it offline, then change one bit and verify again."""
    record_id = next(
        name
        for name, arrivals in stage.views["NL"].arrivals().items()
        if arrivals[0].stored.record.WhichOneof("body") == "inspection_outcome"
    )
    bundle = keep(stage.views["NL"].records, record_id, "CN", directory)
    proven = _verify(world, bundle)
    told = _told(proven)
    good = proven.code == 0 and told.get("outcome") == "PROVEN"
    said = f"CN stated it, NL signed for it as entry {told.get('index')} of the log: PROVEN" if good else _wrong(told)
    sentence = f"The evidence of one record, {bundle.stat().st_size:,} bytes, checked without any node: {said}"
    _say(stage, "proven", sentence, good=good)
    changed = bundle.with_name("changed.zip")
    changed.write_bytes(_with_one_bit_changed(bundle.read_bytes()))
    refused = _verify(world, changed)
    good = refused.code == 1
    why = str(_told(refused).get("message", "")).removesuffix(EvidenceInvalid.act).rstrip()
    said = f"refused. {why}" if good else "accepted!"
    _say(stage, "changed-bit", f"The same file with one bit changed: {said}", good=good)


def keep_bundles(stage: Stage, world: World, directory: Path) -> int:
    """Keep bundles of different records, and what their verifier must know from outside; gives how many."""
    kept: set[str] = set()
    directory.mkdir(parents=True, exist_ok=True)
    for name, view in stage.views.by_name.items():
        for record_id, issuer in _varied(stage, name, without=kept):
            keep(view.records, record_id, issuer, directory)
            kept.add(record_id)
    roots = "".join(f"{name} {digest}\n" for name, digest in sorted(world.digests.items()))
    (directory / "roots.txt").write_text(roots, "ascii")
    return len(kept)


def _varied(stage: Stage, receiver: str, *, without: Collection[str]) -> list[tuple[str, str]]:
    """Choose some of the records that a node received, of as many kinds and issuers as there are."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record_id, arrivals in stage.views[receiver].arrivals().items():
        if record_id in without:
            continue
        record = arrivals[0].stored.record
        groups.setdefault((record.header.issuer, record.WhichOneof("body") or ""), []).append(record_id)
    chosen: list[tuple[str, str]] = []
    for rank in range(BUNDLES_EACH):
        chosen += [(ids[rank], issuer) for (issuer, _), ids in sorted(groups.items()) if rank < len(ids)]
    return chosen[:BUNDLES_EACH]


def _verify(world: World, file: Path) -> Answer:
    digests = [word for name in ("CN", "NL") for word in ("--descriptor", world.digests[name])]
    return run(["evidence", "verify", str(file), *digests, "--json"], expected=(0, 1, 3))


def _with_one_bit_changed(data: bytes) -> bytes:
    """Change a bit in the middle of the record itself (zip: 30 bytes of header, name and extra field come before)."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entry = archive.getinfo("record.bin")
    lengths = data[entry.header_offset + 26 : entry.header_offset + 30]
    begins = entry.header_offset + 30 + sum(struct.unpack("<HH", lengths))
    changed = bytearray(data)
    changed[begins + entry.compress_size // 2] ^= 0x01
    return bytes(changed)


def _told(answer: Answer) -> dict[str, Any]:
    found: dict[str, Any] = answer.json
    return found


def _wrong(told: dict[str, Any]) -> str:
    return f"{told.get('outcome')}. {told.get('message', '')}"


def _say(stage: Stage, name: str, sentence: str, *, good: bool) -> None:
    stage.teller.say(name, sentence, ok=good)
    if not good:
        stage.ledger.find("EVIDENCE", "NL", sentence)
