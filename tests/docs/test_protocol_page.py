"""docs/protocol.md says what the code does: its numbers, tables and names are compared with their sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from gateway import errors
from gateway.config import Links
from gateway.evidence import layout
from gateway.evidence.archive import MAX_BUNDLE_BYTES
from gateway.exchange.limits import MAX_FRAME_BYTES, MAX_RECORD_BYTES
from gateway.exchange.reasons import REASONS, Afterwards, afterwards
from gateway.linklog.keys import PUBLIC_KEY_BYTES, SIGNATURE_BYTES
from gateway.linklog.notes import CHECKPOINT_LIMITS, DOCUMENT_LIMITS, NoteLimits
from gateway.rpc.status import code_of
from gateway.trust import descriptors
from gateway.trust.recognition_terms import Combination, Equivalence, Recognition, Union
from gateway.trust.terms import Flow, MaxStatusAge, ResponseTime, Terms
from mutualrecognition.federation.v1 import link_pb2
from tests.docs.pages import ROOT, rows, section

REQUIREMENT = re.compile(r"^- \*\*(R-[A-Z]{3}-[0-9]{2})\*\* (.*?)(?=^- \*\*R-|^$)", re.MULTILINE | re.DOTALL)
MENTION = re.compile(r"\bR-[A-Z]{3}-[0-9]{2}\b")


def numbers(protocol: str) -> list[str]:
    return [found[1] for found in REQUIREMENT.finditer(protocol)]


def test_requirements_are_numbered_without_gaps_or_repeats(protocol: str) -> None:
    areas: dict[str, list[int]] = {}
    for number in numbers(protocol):
        areas.setdefault(number[2:5], []).append(int(number[6:]))
    assert len(areas) > 15
    assert {area: found for area, found in areas.items() if found != list(range(1, len(found) + 1))} == {}


def test_every_requirement_that_is_mentioned_exists(protocol: str) -> None:
    known = set(numbers(protocol))
    places = [ROOT / "docs", ROOT / "gateway", ROOT / "mock_partners", ROOT / "protos" / "mutualrecognition"]
    files = [file for place in places for file in place.rglob("*") if file.suffix in {".md", ".py", ".proto"}]
    mentioned = {(str(file.relative_to(ROOT)), m) for file in files for m in MENTION.findall(file.read_text("utf-8"))}
    assert {(file, mention) for file, mention in mentioned if mention not in known} == set()


def link_errors() -> Iterator[type[errors.GatewayError]]:
    waiting = [errors.GatewayError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        yield kind


def test_reasons_and_their_statuses_are_those_of_the_code(protocol: str) -> None:
    for reason, _, status in rows(section(protocol, "## 15 The end of a session")):
        named = reason.strip("`")
        codes = {code_of(kind("")).name for kind in link_errors() if kind.reason == named}
        assert codes == {status}, named


def test_what_follows_each_reason_is_what_the_code_does(protocol: str) -> None:
    def meant(words: str) -> Afterwards:
        beginnings = {
            "dial at once": Afterwards.DIAL_AT_ONCE,
            "do not dial": Afterwards.DO_NOT_DIAL,
            "suspended until": Afterwards.SUSPEND,
            "back-off; the third in an hour suspends": Afterwards.OFFENCE,
            "back-off; ": Afterwards.BACK_OFF_UNTIL_MENDED,
            "back-off": Afterwards.BACK_OFF,
        }
        return next(then for beginning, then in beginnings.items() if words.startswith(beginning))

    table = rows(section(protocol, "## 15 The end of a session"))
    stated = {reason.strip("`"): meant(words) for reason, words, _ in table}
    assert stated == {reason: afterwards(reason) for reason in REASONS}


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        ("batch_records", "`batch_records`"),
        ("batch_bytes", "`batch_bytes`"),
        ("window_batches", "`window_batches`"),
        ("window_bytes", "`window_bytes`"),
        ("hello_timeout", "Hello within"),
        ("receipt_timeout", "receipt within"),
        ("drain_timeout", "drain"),
        ("heartbeat_after", "heartbeat after silence"),
        ("dead_after", "dead after silence"),
        ("skew", "skew"),
    ],
)
def test_defaults_are_those_of_the_configuration(protocol: str, setting: str, text: str) -> None:
    table = {row[0]: row[1] for row in rows(section(protocol, "## 18 Limits")) if len(row) == 2}
    number, _, unit = table[text].partition(" ")
    factor = {"": 1, "s": 1, "KiB": 1024, "MiB": 1024 * 1024}[unit]
    assert int(number) * factor == getattr(Links(), setting)


def test_note_limits_are_those_of_the_code(protocol: str) -> None:
    def words(limits: NoteLimits) -> str:
        return f"{limits.max_bytes // 1024} KiB, {limits.max_lines} signature lines"

    table = {row[0]: row[1] for row in rows(section(protocol, "## 18 Limits"))}
    assert table["checkpoint note"] == words(CHECKPOINT_LIMITS)
    assert table["document"] == words(DOCUMENT_LIMITS)


def test_key_types_have_the_lengths_of_the_code(protocol: str) -> None:
    stated = {
        int(row[0], 16): tuple(int(re.sub(r"\D", "", cell)) for cell in row[2:4])
        for row in rows(section(protocol, "## 3 Names and keys"))
        if row[0].startswith("0x")
    }
    assert stated == {int(kind): (PUBLIC_KEY_BYTES[kind], SIGNATURE_BYTES[kind]) for kind in PUBLIC_KEY_BYTES}


def test_descriptor_lines_are_those_of_the_code(protocol: str) -> None:
    stated = {}
    for line, count, _ in rows(section(protocol, "### Descriptor"))[1:]:
        low, _, high = count.partition(" to ")
        stated[line.strip("`")] = (int(low.split()[0]), None if "more" in low else int(high or low))
    assert list(stated.items()) == list(descriptors._COUNTS.items())


def test_agreement_keys_are_those_of_the_schema(protocol: str) -> None:
    stated: dict[str, set[str]] = {"": set()}
    for keys, value in rows(section(protocol, "### Agreement")):
        for key in re.findall(r"`([^`]+)`", keys):
            if key.startswith("[["):
                stated[key.strip("[]")] = set(re.findall(r"`([a-z_]+)`", re.sub(r"\([^)]*\)", "", value)))
            else:
                stated[""].add(key)
    tables = {
        "flows": Flow,
        "equivalence": Equivalence,
        "combinations": Combination,
        "recognition": Recognition,
        "unions": Union,
        "response_times": ResponseTime,
        "max_status_age": MaxStatusAge,
    }
    schema = {
        name: {info.alias or field for field, info in model.model_fields.items()} for name, model in tables.items()
    }
    assert stated == {"": set(Terms.model_fields) - set(tables)} | schema


def test_hello_fields_are_those_of_the_wire(protocol: str) -> None:
    stated = [name for row in rows(section(protocol, "## 13 Hello"))[:10] for name in re.findall(r"`(\w+)`", row[0])]
    assert stated == [field.name for field in link_pb2.Hello.DESCRIPTOR.fields]


def test_every_call_of_the_service_is_in_the_page(protocol: str) -> None:
    served = {method.name for method in link_pb2.DESCRIPTOR.services_by_name["FederationService"].methods}
    assert {name for name in served if f"`{name}`" not in protocol} == set()


def test_fixed_limits_are_those_of_the_code(protocol: str) -> None:
    table = {row[0]: row[1] for row in rows(section(protocol, "## 18 Limits"))}
    assert table["record"] == f"{MAX_RECORD_BYTES // 1024} KiB"
    assert table["frame"] == f"{MAX_FRAME_BYTES // 1024 // 1024} MiB"
    assert table["evidence bundle"] == f"{MAX_BUNDLE_BYTES // 1024 // 1024} MiB"


def test_files_of_a_bundle_are_those_of_the_code(protocol: str) -> None:
    stated = [name for row in rows(section(protocol, "## 17 Evidence")) for name in re.findall(r"`([^`]+)`", row[0])]
    entry = layout.EntryFiles(b"", b"", b"", b"")
    names = [*layout.BundleFiles(entry, b"", {layout.descriptor_name("<id>", 0): b""}, b"-", [entry]).in_order()]
    stem = next(name for name in names if name.startswith(layout.JUDGEMENTS)).removesuffix(".bin")
    assert [name.replace("-0.note", "-<version>.note").replace(stem, "judgements/<n>") for name in names] == [
        f"judgements/<n>{name}" if name.startswith(".") else name for name in stated
    ]
