"""A scenario's file says what it means: what is wrong in it is told with its place, and variants change what they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from mock_partners.staging.agreements import agreement_text
from mock_partners.staging.script import AgreementUse, ScenarioInvalid, read_script
from mock_partners.staging.steps import Advance, Submit, seconds_of
from mock_partners.staging.variants import find_plays, merged, plays_of
from mock_partners.staging.wording import Wording

GOOD = """\
title = "A control"
why = "to see that the file is read"
start = 2026-11-20T08:00:00Z
[cast]
CN = { role = "exports" }
NL = { role = "imports" }
[[agreements]]
base = "security"
parties = ["CN", "NL"]
[facts]
container = "MSKU3841906"
[[steps]]
do = "submit"
name = "xray"
by = "CN"
kind = "inspection_outcome"
[[steps]]
do = "advance"
time = "26h"
"""
VARIANT = """\
[[variants]]
name = "later"
title = "Later"
why = "to see that it changes"
facts = { container = "SUDU5620472" }
without = ["xray"]
[[variants.steps]]
do = "advance"
time = "1h"
"""
NOW = 1_795_161_600


def written(folder: Path, text: str) -> Path:
    file = folder / "a.toml"
    file.write_text(text, "utf-8")
    return file


def test_a_good_file_is_read(tmp_path: Path) -> None:
    scenario = read_script(written(tmp_path, GOOD))
    assert scenario.start == NOW
    assert [type(step) for step in scenario.steps] == [Submit, Advance]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "A control"\n', "", "key title: is missing"),
        ('do = "submit"', 'do = "sing"', "[[steps]] table 1: Input tag 'sing'"),
        (
            'kind = "inspection_outcome"',
            'kind = "song"',
            "[[steps]] table 1 (submit), key kind: there is no kind 'song'",
        ),
        ('by = "CN"', 'by = "CN"\nloud = true', "[[steps]] table 1 (submit), key loud: means nothing here"),
        ('time = "26h"', 'time = "a day"', "[[steps]] table 2 (advance), key time: 'a day' is not a span"),
        ('by = "CN"', 'by = "US"', "US in [[steps]] table 1 is not in [cast]"),
        ('by = "CN"', 'by = "CN"\nsupersedes = "ct"', "[[steps]] table 1 names 'ct', which no earlier step is called"),
        ('parties = ["CN", "NL"]', 'parties = ["CN"]', "[[agreements]] table 1, key parties: "),
        ('role = "exports"', 'role = "exports", behaviours = ["leak-field"]', "real countries never do"),
        ("CN = {", 'XA = { role = "lies" }\nCN = {', "XA to XD misbehave"),
        ("2026-11-20T08:00:00Z", '"tomorrow"', "key start: write a time in UTC"),
        ("title =", "title", "is not TOML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(ScenarioInvalid, match=re.escape(told)) as raised:
        read_script(written(tmp_path, GOOD.replace(old, new, 1)))
    assert "a.toml" in str(raised.value)


def test_every_fault_of_a_file_is_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('why = "to see that the file is read"\n', "").replace('time = "26h"', 'time = "soon"')
    with pytest.raises(ScenarioInvalid, match=r"key why: is missing; .*'soon' is not a span"):
        read_script(written(tmp_path, text))


def test_a_variant_leaves_out_changes_and_adds(tmp_path: Path) -> None:
    play, later = plays_of(written(tmp_path, GOOD + VARIANT))
    assert (play.name, later.name) == ("a", "a/later")
    assert [type(step) for step in later.scenario.steps] == [Advance, Advance]
    assert later.scenario.facts == {"container": "SUDU5620472"}


@pytest.mark.parametrize("wrong", ['without = ["ct"]', '[variants.change.ct]\nby = "NL"'])
def test_a_variant_that_names_no_step_is_refused(tmp_path: Path, wrong: str) -> None:
    variant = VARIANT.split("facts", maxsplit=1)[0] + wrong + "\n"
    with pytest.raises(ScenarioInvalid, match="there is no step 'ct'"):
        plays_of(written(tmp_path, GOOD + variant))


def test_a_scenario_that_there_is_not_is_told() -> None:
    with pytest.raises(ScenarioInvalid, match="--list"):
        find_plays("opera")


def test_objects_are_merged_and_lists_replaced() -> None:
    assert merged({"a": {"b": 1, "c": [1, 2]}, "d": 2}, {"a": {"c": [3]}, "d": "null"}) == {"a": {"b": 1, "c": [3]}}


@pytest.mark.parametrize(("span", "seconds"), [("90s", 90), ("40m", 2400), ("26h", 93_600), ("3d", 259_200)])
def test_spans(span: str, seconds: int) -> None:
    assert seconds_of(span) == seconds


def test_facts_times_and_ids_are_filled_in() -> None:
    wording = Wording({"tin": "CN1234567890", "goods": {"ucr": "$tin"}})
    wording.record_ids["xray"] = "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0003"
    given = {"a": ["now-40m", "@xray"], "b": "AEO-$tin", "c": "$goods", "d": "$step", "e": 5}
    assert wording.filled(given, NOW, "ct") == {
        "a": ["2026-11-20T07:20:00Z", "0193b2c4-5d6e-7f80-9a1b-2c3d4e5f0003"],
        "b": "AEO-CN1234567890",
        "c": {"ucr": "CN1234567890"},
        "d": "ct",
        "e": 5,
    }


def test_a_fact_that_is_missing_is_told() -> None:
    with pytest.raises(ScenarioInvalid, match=r"the fact \$seal, which \[facts\] does not have"):
        Wording({}).filled("$seal", NOW, "ct")


def test_shared_terms_are_written_for_every_pair() -> None:
    text = agreement_text(AgreementUse(base="security", parties=("CN", "NL", "US"), change={"notice_days": 7}))
    assert text.count('kind = "inspection_outcome"') == 6
    assert "notice_days = 7" in text


def test_terms_that_are_none_are_told() -> None:
    with pytest.raises(ScenarioInvalid, match="notice_days"):
        agreement_text(AgreementUse(base="security", parties=("CN", "NL"), change={"notice_days": "soon"}))
