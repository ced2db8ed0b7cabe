"""What a network is to be: asked for on the command line, and refused in words where it cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest

from mock_partners.behaviours import BEHAVIOURS, Trace
from mock_partners.network.account import account_of
from mock_partners.network.crew import Seen
from mock_partners.network.declared import read_file, stated_by
from mock_partners.network.plan import Plan, behaviours_in, members_in
from mock_partners.network.running import verdict_of
from mock_partners.network.tally import Tally
from mock_partners.network.topology import NetworkInvalid
from mutualrecognition.operations.v1 import links_service_pb2 as operations

COLUMNS = (
    "Declaration ID,Date,Office ID,Mode of Transport,Declarant ID,Importer ID,Seller ID,Courier ID,HS6 Code,"
    "Country of Departure,Country of Origin,Net Mass,Item Price,Fraud,Critical Fraud"
)
ROW = "97061800,2020-01-01,30,10,ZZ1,QL1,0V1,,440890,{departure},BE,108.0,372254.4,0,0"


def plan(**said: object) -> Plan:
    return Plan(**{"members": ("NL", "CN", "US", "XA"), "place": "unused", **said})  # type: ignore[arg-type]


def test_members_are_codes_or_a_number_of_countries() -> None:
    assert members_in("NL, CN,US") == ("NL", "CN", "US")
    assert len(set(members_in("186"))) == 186
    with pytest.raises(NetworkInvalid, match="2 to 249 members"):
        members_in("250")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"behaviours": {"NL": ("fork",)}}, "NL cannot misbehave: adversaries are XA, XB, XC, XD"),
        ({"behaviours": {"XB": ("fork",)}}, "XB is to misbehave and is no member"),
        ({"behaviours": {"XA": ("dance",)}}, "There is no behaviour 'dance'"),
        ({"profile": "giant"}, "There is no profile 'giant'"),
        ({"topology": "k-regular:5"}, "cannot have 5 partners"),
        ({"rate": 0.0}, "more than none"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(said: dict[str, object], sentence: str) -> None:
    with pytest.raises(NetworkInvalid, match=sentence):
        plan(**said)


def test_behaviours_are_read_by_member() -> None:
    assert behaviours_in(["XA=fork@30s", "XB=late:by=5s", "XA=slow"]) == {
        "XA": ("fork@30s", "slow"),
        "XB": ("late:by=5s",),
    }
    with pytest.raises(NetworkInvalid, match="as in XA=fork@30s"):
        behaviours_in(["fork"])


def test_the_rate_is_that_of_all_members_together_and_each_import_is_somebodys_export() -> None:
    made = plan(rate=30.0)
    exports = [(own, each.partner, each.rate) for own in made.members for each in made.exports(own)]
    imports = [(each.partner, own, each.rate) for own in made.members for each in made.imports(own)]
    assert sum(rate for *_, rate in exports) == pytest.approx(30.0)
    assert sorted(exports) == sorted(imports)
    assert Plan.from_json(made.to_json()) == made


def test_rows_of_a_file_that_cannot_be_used_are_named_by_line_and_column(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    bad = ROW.format(departure="Belgium").replace("97061800", "97061801").replace("2020-01-01", "1 January")
    file.write_text("\n".join((COLUMNS, ROW.format(departure="BE"), bad)))
    with pytest.raises(NetworkInvalid) as refused:
        read_file(file)
    assert "it cannot be used as it is, 2 mistakes:" in str(refused.value)
    assert "line 3, column Date" in str(refused.value)
    assert "line 3, column Country of Departure: 'Belgium' does not have the form" in str(refused.value)
    file.write_text(COLUMNS)
    with pytest.raises(NetworkInvalid, match="has no row"):
        read_file(file)
    file.write_text("a,b\n1,2\n")
    with pytest.raises(NetworkInvalid, match="lacks the columns Declaration ID"):
        read_file(file)
    with pytest.raises(NetworkInvalid, match="cannot be read"):
        read_file(tmp_path / "absent.csv")


def test_a_row_is_stated_by_its_country_of_departure_or_always_by_the_same_member(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(
        "\n".join((COLUMNS, ROW.format(departure="CN"), ROW.format(departure="BE").replace("97061800", "97061801")))
    )
    first, second = read_file(file)
    assert stated_by(first, ("NL", "CN")) == "CN"
    assert stated_by(second, ("NL", "CN")) in ("NL", "CN")
    assert len({stated_by(second, ("NL", "CN")) for _ in range(9)}) == 1


def seen(*, stated: int, held: int, due: int) -> Seen:
    tally = Tally()
    tally.due["NL CN"] = due
    issued = operations.LogStatus(size=stated, receipted=held)
    return Seen(
        {
            "NL": [operations.Link(partner="CN", issued=issued)],
            "CN": [operations.Link(partner="NL", held=operations.LogStatus(size=held))],
        },
        tally,
        trading=False,
        memory=0,
    )


def test_what_a_member_that_misbehaves_leaves_hanging_is_named_and_no_loss() -> None:
    verdict = verdict_of(seen(stated=9, held=7, due=9), 1.0, ["CN"])
    assert (verdict.holds, verdict.lost, [each.missing for each in verdict.hanging]) == (True, 0, [2])


def test_the_account_fails_where_something_is_missing_and_says_what_each_behaviour_should_come_to() -> None:
    made = plan(behaviours={"XA": ("fork@30s",)})
    good, bad = seen(stated=9, held=9, due=9), seen(stated=9, held=7, due=9)
    bad.tally.done["vessels decided late"] = 1
    for look, fails in ((good, []), (bad, ["what honest members state", "decisions on vessels"])):
        account = account_of(made, look, verdict_of(look, 1.0), trace=Trace(), seconds=2.0)
        assert [line.step for line in account.lines if not line.holds] == fails
        assert account.lines[-1].step == "XA: fork@30s"
        assert account.lines[-1].expected == BEHAVIOURS["fork"].honest


def test_the_verdict_names_what_has_not_arrived_and_what_an_issuer_has_forgotten() -> None:
    assert verdict_of(seen(stated=9, held=9, due=9), 1.0).holds
    late = verdict_of(seen(stated=9, held=7, due=9), 1.0)
    assert (late.holds, late.lost, [str(each) for each in late.missing]) == (
        False,
        2,
        ["NL → CN: 9 stated, 7 arrived, 7 signed for"],
    )
    forgotten = verdict_of(seen(stated=9, held=9, due=10), 1.0)
    assert (forgotten.holds, forgotten.lost) == (False, 1)
