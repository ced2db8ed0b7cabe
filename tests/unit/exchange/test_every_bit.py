"""All single-bit changes of a small batch, one by one: none is taken."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError

from gateway.errors import GatewayError
from gateway.exchange.batches import HeldLog
from mutualrecognition.federation.v1 import link_pb2 as pb
from tests.contracts.making import tree_of_entries
from tests.unit.exchange.link_world import TIME, trust
from tests.unit.exchange.test_batches import on_the_way

ORIGIN = "customs.nl.example/links/JP/1"


def batch_on_the_way() -> tuple[bytes, HeldLog]:
    """Give a batch of two entries, and the log of one entry that it follows."""
    link = on_the_way(2)
    before = link.low.logs.held.entries
    held = HeldLog(ORIGIN, tree_of_entries(before), 0, None)
    return link.high.sent[0].batch.SerializeToString(), held


def test_every_bit_of_a_batch_counts() -> None:
    whole, held = batch_on_the_way()
    believed = trust("JP", "NL")
    assert held.take(pb.Batch.FromString(whole), believed, records=500, now=TIME).after.size == 3
    taken = []
    for bit in range(len(whole) * 8):
        changed = bytearray(whole)
        changed[bit // 8] ^= 1 << bit % 8
        try:
            batch = pb.Batch.FromString(bytes(changed))
        except DecodeError:
            continue
        try:
            held.take(batch, believed, records=500, now=TIME)
        except GatewayError:
            continue
        taken.append(bit)
    assert taken == []


def test_the_batch_is_small_and_whole() -> None:
    whole, held = batch_on_the_way()
    assert (held.tree.size, 200 < len(whole) < 2000) == (1, True)


@pytest.mark.parametrize("records", [0, 1])
def test_the_same_batch_is_refused_when_it_is_too_large(records: int) -> None:
    whole, held = batch_on_the_way()
    with pytest.raises(GatewayError):
        held.take(pb.Batch.FromString(whole), trust("JP", "NL"), records=records, now=TIME)
