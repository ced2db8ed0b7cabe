"""``gateway fsck`` finds what was changed in a store, wherever that was, and names it and its safe repair."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from random import Random
from typing import Any

import apsw
import pytest
from click.testing import CliRunner

from gateway import config
from gateway.app import open_node
from gateway.cli.main import cli
from gateway.stores.sqlite.checking import CheckReport, Repair, check_file
from tests import nodes
from tests.faults.conftest import HONEST, Settled

LONGEST = 200
CN_LOG, NL_LOG = "customs.cn.example/links/NL/1", "customs.nl.example/links/CN/1"


def check(home: nodes.Home) -> CheckReport:
    return check_file(home.path / "gateway.db", own=home.administration)


def change(home: nodes.Home, sql: str, *bindings: Any) -> None:
    connection = apsw.Connection(str(home.path / "gateway.db"))
    try:
        connection.execute(sql, bindings).fetchall()
        assert connection.total_changes(), "the case changes nothing"
    finally:
        connection.close()


def test_a_good_store_is_sound(settled: Settled) -> None:
    for home in (settled.cn, settled.nl):
        report = check(home)
        assert report.findings == ()
        assert report.sound
        assert report.entries > HONEST
        assert report.receipts > 3
    stored = apsw.Connection(str(settled.nl.path / "gateway.db"), flags=apsw.SQLITE_OPEN_READONLY)
    assert stored.execute("SELECT count(*) FROM verdict").get, "no judgement stands in the store: it tries too little"
    assert stored.execute("SELECT count(*) FROM node").get, "no inner node stands in the store: it tries too little"
    stored.close()


# --- one thing changed --------------------------------------------------------------------------------------------

FLIP = "CAST(substr(CAST({0} AS BLOB), 1, length({0}) - 1) || x'00' AS BLOB)"
CASES: dict[str, tuple[str, str, Repair]] = {
    "a received record": (
        f"UPDATE record SET record = {FLIP.format('record')} WHERE sequence = 40",
        f"{CN_LOG} entry ",
        Repair.PARTNER,
    ),
    "a salt": ("UPDATE entry SET salt = zeroblob(16) WHERE log = 2 AND idx = 7", f"{CN_LOG} entry 7", Repair.PARTNER),
    "a commitment": (
        "UPDATE entry SET commitment = zeroblob(32) WHERE log = 2 AND idx = 7",
        f"{CN_LOG} entry 7",
        Repair.PARTNER,
    ),
    "an entry gone": ("DELETE FROM entry WHERE log = 2 AND idx = 7", CN_LOG, Repair.PARTNER),
    "the last entry gone": (
        "DELETE FROM entry WHERE log = 2 AND idx = (SELECT max(idx) FROM entry WHERE log = 2)",
        CN_LOG,
        Repair.PARTNER,
    ),
    "two entries exchanged": (
        "UPDATE entry SET idx = CASE idx WHEN 7 THEN 100007 ELSE 7 END WHERE log = 2 AND idx IN (7, 8)",
        CN_LOG,
        Repair.PARTNER,
    ),
    "a record gone": ("DELETE FROM record WHERE sequence = 40", "record 40", Repair.PARTNER),
    "a record's id": ("UPDATE record SET record_id = 'x' WHERE sequence = 40", "record 40 x", Repair.PARTNER),
    "a record's kind": ("UPDATE record SET kind = 'alert' WHERE sequence = 40", "record 40 ", Repair.PARTNER),
    "a record's partner": ("UPDATE record SET partners = ' US ' WHERE sequence = 40", "record 40 ", Repair.PARTNER),
    "an own record's partner": (
        "UPDATE record SET partners = ' CN US ' WHERE sequence = (SELECT min(sequence) FROM record WHERE received = 0)",
        "record ",
        Repair.COPY,
    ),
    "an inner node": ("UPDATE node SET hash = zeroblob(32)", CN_LOG, Repair.TREE),
    "an inner node gone": ("DELETE FROM node", CN_LOG, Repair.TREE),
    "peaks": ("UPDATE log SET peaks = zeroblob(length(peaks)) WHERE id = 2", CN_LOG, Repair.TREE),
    "a head's size": ("UPDATE log SET size = size + 1, peaks = x'' WHERE id = 1", NL_LOG, Repair.PARTNER),
    "a head's receipt": ("UPDATE log SET receipted = receipted - 1 WHERE id = 1", NL_LOG, Repair.PEOPLE),
    "a receipt's time": (
        "UPDATE receipt SET time = time + 1 WHERE log = 1 AND size = (SELECT max(size) FROM receipt WHERE log = 1)",
        f"{NL_LOG} size ",
        Repair.PARTNER,
    ),
    "a receipt's root": (
        (
            "UPDATE receipt SET note = CAST(replace(CAST(note AS TEXT), char(10) || size || char(10),"
            " char(10) || size || char(10) || 'A') AS BLOB) WHERE log = 2"
        ),
        f"{CN_LOG} size ",
        Repair.PARTNER,
    ),
    "a receipt's signature": (
        (
            "UPDATE receipt SET note = CAST(replace(CAST(note AS TEXT), '— customs.nl', '— customs.us') AS BLOB)"
            " WHERE log = 1"
        ),
        f"{NL_LOG} size ",
        Repair.PARTNER,
    ),
    "a receipt of another size": (
        "UPDATE receipt SET size = size + 1000 WHERE log = 1 AND size = (SELECT max(size) FROM receipt WHERE log = 1)",
        f"{NL_LOG} size ",
        Repair.PARTNER,
    ),
    "a batch's end": ("UPDATE batch SET size = size + 1000", NL_LOG, Repair.PEOPLE),
    "a document's text": (
        "UPDATE document SET note = CAST(replace(CAST(note AS TEXT), 'duty officer', 'duty Officer') AS BLOB)",
        "descriptor ",
        Repair.COPY,
    ),
    "a document's digest": ("UPDATE document SET digest = zeroblob(32)", "descriptor ", Repair.COPY),
    "a judgement's range": ("UPDATE judgement SET last = last + 1", f"{CN_LOG} entries ", Repair.PEOPLE),
    "the latest word": ("UPDATE verdict SET verdict = 'ACCEPTED'", CN_LOG, Repair.PEOPLE),
    "a view's key": ("UPDATE view_index SET key = key + 1 WHERE sequence = 40", "views segment 0", Repair.VIEWS),
    "a view's record": ("DELETE FROM view_index WHERE sequence = 40", "views segment 0", Repair.VIEWS),
    "a view's version": ("UPDATE view_version SET version = version - 1", "views", Repair.VIEWS),
    "an answer gone": ("DELETE FROM submission WHERE id = 3", "submission", Repair.COPY),
    "an audit row gone": ("DROP TRIGGER audit_is_not_cut; DELETE FROM audit WHERE id = 3", "audit", Repair.COPY),
    "an audit row": (
        "DROP TRIGGER audit_is_not_changed; UPDATE audit SET detail = detail || '.' WHERE id = 3",
        "audit",
        Repair.COPY,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_was_changed_is_named(case: str, nl: nodes.Home) -> None:
    sql, place, repair = CASES[case]
    change(nl, sql)
    report = check(nl)
    assert [each for each in report.findings if each.place.startswith(place) and each.repair is repair], report.findings


def test_an_own_record_that_left_the_outbox_for_nowhere_is_named(cn: nodes.Home) -> None:
    change(cn, "DELETE FROM entry WHERE log = 1 AND idx = (SELECT max(idx) FROM entry WHERE log = 1)")
    assert any("neither in the log" in each.sentence for each in check(cn).findings)


def test_a_released_form_that_is_gone_is_named(cn: nodes.Home) -> None:
    change(cn, "DELETE FROM released WHERE id = (SELECT max(released) FROM entry)")
    assert any("released form" in each.sentence for each in check(cn).findings)


# --- bits ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_a_flipped_bit_in_a_stored_record_is_found(seed: int, nl: nodes.Home) -> None:
    chance = Random(seed)
    connection = apsw.Connection(str(nl.path / "gateway.db"))
    sequences = [each for (each,) in connection.execute("SELECT sequence FROM record")]
    sequence = chance.choice(sequences)
    record = bytearray(connection.execute("SELECT record FROM record WHERE sequence = ?", (sequence,)).get)
    record[chance.randrange(len(record))] ^= 1 << chance.randrange(8)
    connection.execute("UPDATE record SET record = ? WHERE sequence = ?", (bytes(record), sequence))
    connection.close()
    assert not check(nl).sound


@pytest.mark.parametrize("page", ["entry", "entry_by_record", "record_by_id", "view_index", "receipt"])
def test_a_damaged_page_is_found(page: str, nl: nodes.Home) -> None:
    path = nl.path / "gateway.db"
    connection = apsw.Connection(str(path))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (page,)).get
    size = connection.pragma("page_size")
    connection.close()
    data = bytearray(path.read_bytes())
    for at in range((root - 1) * size + 3, (root - 1) * size + 8):
        data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    report = check(nl)
    assert any(each.place == "file" and each.repair is Repair.COPY for each in report.findings)
    assert all(each.sentence.count("SQLite finds") <= 1 and "***" not in each.sentence for each in report.findings)
    assert max(len(each.sentence) for each in report.findings) < LONGEST


# --- the command --------------------------------------------------------------------------------------------------


def run(*words: str) -> Any:
    return CliRunner().invoke(cli, list(words))


@pytest.mark.parametrize("sql", [CASES[case][0] for case in CASES if CASES[case][2] in (Repair.TREE, Repair.VIEWS)])
def test_repair_derives_again_what_follows_from_the_rest(sql: str, nl: nodes.Home) -> None:
    change(nl, sql)
    assert run("fsck", str(nl.path)).exit_code == 1
    done = run("fsck", str(nl.path), "--repair")
    assert done.exit_code == 0, done.output
    assert run("fsck", str(nl.path)).exit_code == 0


def test_repair_leaves_a_tree_alone_whose_entries_were_changed(nl: nodes.Home) -> None:
    change(nl, CASES["a commitment"][0])
    change(nl, CASES["peaks"][0])
    path = nl.path / "gateway.db"
    before = _rows(path, "SELECT peaks FROM log ORDER BY id")
    assert run("fsck", str(nl.path), "--repair").exit_code == 1
    assert _rows(path, "SELECT peaks FROM log ORDER BY id") == before


def test_findings_are_told_in_words_and_as_json(nl: nodes.Home) -> None:
    change(nl, CASES["a salt"][0])
    told = run("fsck", str(nl.path))
    assert f"{CN_LOG} entry 7: Salt, record and commitment do not fit each other." in told.output
    assert "gateway recover --from-partner" in told.output
    found = json.loads(run("fsck", str(nl.path), "--json").output)
    assert (found["sound"], found["findings"][0]["repair"]) == (False, "PARTNER")


def test_a_file_that_is_no_database_is_refused(nl: nodes.Home) -> None:
    (nl.path / "gateway.db").write_bytes(b"no database" * 1000)
    done = run("fsck", str(nl.path))
    assert done.exit_code == 1
    assert "STORE_CORRUPT" in done.output


async def test_a_running_node_is_checked_by_a_copy_that_does_not_stay(nl: nodes.Home) -> None:
    async with open_node(config.load(nl.path), nl.path):
        done = await asyncio.to_thread(run, "fsck", str(nl.path))
        assert done.exit_code == 0, done.output
        refused = await asyncio.to_thread(run, "fsck", str(nl.path), "--repair")
        assert "STORE_IN_USE" in refused.output
    assert not [each for each in nl.path.iterdir() if "check-" in each.name]


def _rows(path: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
