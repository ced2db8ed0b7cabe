"""Identifiers: parsed into normal form, or refused with a sentence that helps."""

from __future__ import annotations

import pytest

from gateway.errors import IdentifierInvalid
from gateway.records import identifiers as ids
from gateway.records.identifiers.containers import Conformity

REAL = [
    "MSKU3841906",
    "MSCU7522636",
    "CMAU4018276",
    "EGHU3880160",
    "TCLU7719057",
    "SUDU5620472",
    "TEMU2984100",
    "COSU4406128",
    "OOLU5133770",
    "FSCU6108239",
    "CSQU3054383",
]


@pytest.mark.parametrize("number", REAL)
def test_containers_with_their_check_digit(number: str) -> None:
    spaced = f"{number[:4].lower()} {number[4:10]}-{number[10]}"
    assert ids.parse_container(spaced) == ids.Container(number, Conformity.CONFORMS)


@pytest.mark.parametrize("number", REAL)
def test_every_wrong_check_digit_is_refused_and_the_right_one_named(number: str) -> None:
    for digit in set("0123456789") - {number[10]}:
        with pytest.raises(IdentifierInvalid, match=f"should be {number[10]}, not {digit}"):
            ids.parse_container(number[:10] + digit)


def test_a_remainder_of_ten_is_written_zero_and_told() -> None:
    assert ids.parse_container("HLXU6301940").conformity is Conformity.AMBIGUOUS_ZERO


def test_swap_bodies_need_not_conform() -> None:
    swap_body = ids.parse_container("kk 2345-67")
    assert swap_body == ids.Container("KK234567", Conformity.OTHER)
    assert swap_body.owner == ""
    assert ids.parse_container("MSKU3841906").owner == "MSK"


@pytest.mark.parametrize("text", ["", "AB", "MSKU38419é6", "X" * 18])
def test_what_is_no_equipment_number(text: str) -> None:
    with pytest.raises(IdentifierInvalid):
        ids.parse_container(text)


@pytest.mark.parametrize("text", ["9074729", "IMO 9074729", "imo9074729"])
def test_imo(text: str) -> None:
    assert ids.parse_imo(text) == ids.Imo("9074729")


def test_imo_names_the_right_digit() -> None:
    with pytest.raises(IdentifierInvalid, match="should be 9"):
        ids.parse_imo("9074728")
    with pytest.raises(IdentifierInvalid, match="seven digits"):
        ids.parse_imo("907472")


def test_air_waybill() -> None:
    waybill = ids.parse_air_waybill("180 1234 5675")
    assert waybill == ids.AirWaybill("180", "12345675")
    assert waybill.number == "180-12345675"
    with pytest.raises(IdentifierInvalid, match="should be 5"):
        ids.parse_air_waybill("180-12345676")
    with pytest.raises(IdentifierInvalid, match="eleven digits"):
        ids.parse_air_waybill("180-1234567")


def test_hs_codes_belong_to_an_edition() -> None:
    code = ids.parse_hs("8517.13.00", 2022)
    assert code == ids.HsCode("851713", "00", 2022)
    assert code.chapter == "85"
    with pytest.raises(IdentifierInvalid, match="no edition 2021"):
        ids.parse_hs("851713", 2021)
    with pytest.raises(IdentifierInvalid, match="leading zero"):
        ids.parse_hs("90111", 2022)
    for missing in ("000000", "770000", "980000"):
        with pytest.raises(IdentifierInvalid, match="no chapter"):
            ids.parse_hs(missing, 2022)


def test_a_foreign_mrn_is_never_refused_for_its_form() -> None:
    assert ids.parse_mrn("26NL000510A1B2C3J5") == ids.Mrn("26NL000510A1B2C3J5", 2026, "NL")
    assert ids.parse_mrn("20261120/4711") == ids.Mrn("20261120/4711", None, None)
    with pytest.raises(IdentifierInvalid):
        ids.parse_mrn("two words")


def test_places_traders_carriers_and_references() -> None:
    assert ids.parse_locode("nl rtm") == ids.Locode("NLRTM")
    assert ids.parse_locode("NLRTM").country == "NL"
    assert ids.parse_tin("CN 1234567890").country == "CN"
    assert ids.parse_scac("maeu") == ids.Scac("MAEU")
    assert ids.parse_ucr(" 6CN1234567890PO44712 ") == ids.Ucr("6CN1234567890PO44712")
    for parse, text in [
        (ids.parse_locode, "NLR1M"),
        (ids.parse_tin, "1234567890"),
        (ids.parse_scac, "M4"),
        (ids.parse_ucr, "x" * 36),
    ]:
        with pytest.raises(IdentifierInvalid):
            parse(text)


def test_seals_are_compared_in_normal_form_and_kept_raw() -> None:
    assert ids.parse_seal(" cn-004 7821 ") == ids.SealNumber("cn-004 7821", "CN0047821")
    assert ids.normal_seal("CN0047821") == ids.normal_seal("cn 0047-821")
    for text in ("", " - ", "x" * 21, "seal\x00"):
        with pytest.raises(IdentifierInvalid):
            ids.parse_seal(text)
