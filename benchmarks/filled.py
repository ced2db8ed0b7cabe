"""A store with very many received controls, each signed for, and a desk that decides on them in this process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from google.protobuf import json_format

from benchmarks.pair import AGREEMENT
from benchmarks.store import Chance, WallClock
from gateway.cli.demo.processes import run as run_command
from gateway.clocks.system import SystemRandomness
from gateway.config import load
from gateway.linklog.checkpoints import Checkpoint, sign_checkpoint
from gateway.linklog.hashing import commitment, leaf_hash
from gateway.linklog.tree import CompactRange
from gateway.node_files import NodeFiles
from gateway.ports.links import Entry, JudgedEntry, ReceivedBatch, Standing
from gateway.recognition.decider import Decider
from gateway.recognition.desk import Asked, RecognitionDesk
from gateway.recognition.gathering import Gatherer
from gateway.recognition.tariff import Editions
from gateway.records.codes import shipped
from gateway.stores.sqlite import SqliteStore, open_store
from gateway.trust.agreements import Agreement, parse_agreement
from gateway.trust.book import TrustBook
from gateway.trust.succession import verify_first
from mutualrecognition.national.v1 import decision_pb2 as pb
from mutualrecognition.records.v1.record_pb2 import Record

BATCH: Final = 1000
ORIGIN: Final = "customs.cn.example/links/NL/1"
EXAMPLE: Final = Path(__file__).parents[1] / "docs" / "examples" / "record.json"


class Filled:
    """The store, what decides on it, and questions about records of it: the same ones in each run."""

    def __init__(self, store: SqliteStore, book: TrustBook, total: int) -> None:
        self.book = book
        self.gatherer = Gatherer(reader=store.facts, suspensions=store.suspensions, book=lambda: book)
        self.decider = Decider(sampling_key=b"k" * 32, editions=Editions({}))
        self.desk = RecognitionDesk(
            gatherer=self.gatherer,
            decider=self.decider,
            decisions=store.decisions,
            records=store.records,
            book=lambda: book,
            clock=WallClock(),
            randomness=SystemRandomness(),
        )
        self._total = total
        self._chance, self._run, self._names = Random(7), f"{time.time_ns():x}", count()  # noqa: S311

    def some(self, number: int) -> list[Asked]:
        """Ask about so many records."""
        return [
            Asked("bench", f"{self._run}-{next(self._names)}", question(self._chance.randrange(self._total)))
            for _ in range(number)
        ]


@asynccontextmanager
async def filled(directory: Path, total: int, others: int = 0) -> AsyncIterator[Filled]:
    """Fill a store, or open the one that an earlier run has filled in this directory.

    ``others`` are partners besides CN, each with an agreement as CN's, who have nothing to do with these goods.
    """
    home = directory / "cn-alone"
    if not home.exists():
        run_command(["init", str(home), "--administration", "CN"])
    files = NodeFiles(load(home), home)
    descriptor = verify_first((home / "descriptor.note").read_bytes())
    partners = ["CN", *_other_countries()[:others]]
    book = TrustBook("NL", versions={"CN": (descriptor,)}, agreements=tuple(map(_agreement_with, partners)))
    store = await open_store(directory / "decisions.db", randomness=Chance(), clock=WallClock())
    try:
        for partner in partners:
            own, held = (f"customs.{end}.example/links" for end in ("nl", partner.lower()))
            await store.logs.positions(partner, issued_origin=f"{own}/{partner}/1", held_origin=f"{held}/NL/1")
        if not await store.records.newest():
            for batch in _batches(total, files):
                await store.logs.commit_batch(batch)
        await store.views.learn()
        yield Filled(store, book, await store.records.newest())
    finally:
        await store.close()


def _other_countries() -> list[str]:
    """Give codes of countries: there is no administration behind them here."""
    return sorted(set(shipped()["country"].codes) - {"CN", "NL"})


def _agreement_with(partner: str) -> Agreement:
    text = AGREEMENT.read_text("utf-8").replace("CN", partner)
    return parse_agreement(text.replace("cn-nl-", f"{partner.lower()}-nl-"))


def box(number: int) -> str:
    """A container's number."""
    return f"MSCU{number:07}"


@cache
def _example() -> Record:
    return json_format.Parse(EXAMPLE.read_text("utf-8"), Record())


def control(number: int, record_id: str = "") -> Record:
    """The example's control, of another container, done an hour ago."""
    record = Record()
    record.CopyFrom(_example())
    record.header.record_id, record.header.issuer = record_id, "CN" if record_id else ""
    record.header.agreement_id, record.header.agreement_version = ("cn-nl-security", 1) if record_id else ("", 0)
    record.header.issued_at.seconds = int(time.time()) - 3000 if record_id else 0
    if not record_id:
        record.header.ClearField("issued_at")
    outcome = record.inspection_outcome
    outcome.control_id, outcome.consignment.container_numbers[:] = f"C-{number}", [box(number)]
    outcome.consignment.ucr = f"6CN{number:010}"
    outcome.started_at.seconds, outcome.ended_at.seconds = int(time.time()) - 7200, int(time.time()) - 3600
    outcome.seals_after[0].container_number = box(number)
    outcome.ClearField("officer_ref")
    record.header.subject.consignment.CopyFrom(outcome.consignment)
    return record


def question(number: int) -> pb.Question:
    """Two checks, before arrival."""
    asked = pb.Question()
    asked.consignment.container_numbers.append(box(number))
    asked.consignment.ucr = f"6CN{number:010}"
    asked.required.add(threat=1, check="NII")
    asked.required.add(threat=2, check="RADIATION")
    return asked


def _batches(total: int, files: NodeFiles) -> Iterator[ReceivedBatch]:
    """CN's log to NL, each batch with its checkpoint."""
    signers, chance, tree = files.link_signers().log, Chance(), CompactRange()
    template = control(0, "00000000-0000-7000-8000-000000000000")
    now = int(time.time())
    for start in range(0, total, BATCH):
        entries = []
        for number, salt in enumerate(chance.salts(min(BATCH, total - start)), start):
            template.header.record_id = record_id = chance.record_id()
            outcome = template.inspection_outcome
            outcome.control_id, outcome.consignment.container_numbers[:] = f"C-{number}", [box(number)]
            outcome.consignment.ucr, outcome.seals_after[0].container_number = f"6CN{number:010}", box(number)
            template.header.subject.consignment.CopyFrom(outcome.consignment)
            data = template.SerializeToString()
            known = (record_id, "inspection_outcome", "x", "", Standing.ACCEPTED, ())
            entries.append(JudgedEntry(Entry(salt, data), commitment(salt, data), *known))
        grown, _ = tree.append_all([leaf_hash(each.commitment) for each in entries])
        note = sign_checkpoint(Checkpoint(ORIGIN, grown.size, grown.root()), signers, now)
        yield ReceivedBatch("CN", ORIGIN, tree, tuple(entries), grown, note, now, ())
        tree = grown
