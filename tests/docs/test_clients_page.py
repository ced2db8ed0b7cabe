"""docs/clients.md says of roles, reasons and codes what the code says, and shows every example that there is."""

from __future__ import annotations

import inspect
import json
import re

from gateway import errors
from gateway.errors import GatewayError, submissions
from gateway.rpc.access import ACCESS
from gateway.rpc.status import code_of
from tests.docs.pages import ROOT, code_blocks, rows, section

PAGE = (ROOT / "docs" / "clients.md").read_text("utf-8")
OF_THE_OPERATOR = {"FOUR_EYES_NEEDED", "SAME_OFFICER"}
"""Reasons of this family that the national port never gives."""


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_roles_are_those_of_the_access_table() -> None:
    told = {
        (service.strip("`"), call): set(names(roles))
        for service, calls, roles in rows(section(PAGE, "## Which role a call takes"))
        for call in names(calls)
    }
    methods = {
        method: roles for method, roles in ACCESS.items() if method.startswith("/mutualrecognition.national.v1.")
    }
    assert told == {
        (service.rpartition(".")[2], call): {str(role) for role in roles}
        for method, roles in methods.items()
        for _, service, call in [method.split("/")]
    }


def test_reasons_are_those_of_the_code_with_their_codes_and_who_acts() -> None:
    told = {tuple(row) for row in rows(section(PAGE, "### The reasons of this port"))}
    reasons: list[type[GatewayError]] = [
        kind for _, kind in inspect.getmembers(submissions, inspect.isclass) if kind.__module__ == submissions.__name__
    ]
    assert told == {
        (f"`{error.reason}`", f"`{code_of(error('')).name}`", error.act)
        for error in reasons
        if error.reason not in OF_THE_OPERATOR
    }


def test_codes_are_those_that_an_error_of_this_project_can_have() -> None:
    told = [
        name
        for codes, *_ in rows(section(PAGE, "## Reading a refusal").partition("| code |")[2])
        for name in names(codes)
    ]
    families = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GatewayError)]
    assert sorted(told) == sorted({code_of(kind("")).name for kind in families})


def test_every_program_of_the_example_is_in_the_table() -> None:
    told = {name.strip("`") for name, _ in rows(PAGE.partition("\n## ")[0])}
    assert told == {file.name for file in (ROOT / "examples" / "python").glob("*.py")}
    twins = {file.stem.replace("-", "_") + ".py" for file in (ROOT / "examples" / "javascript").glob("*.js")}
    assert told == twins


def test_the_lock_of_the_javascript_example_names_no_registry_and_every_digest() -> None:
    lock = json.loads((ROOT / "examples" / "javascript" / "package-lock.json").read_text("utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 20
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []


def test_the_test_on_the_page_is_one_of_the_example() -> None:
    (shown,) = code_blocks(PAGE, "python")
    assert shown in (ROOT / "examples" / "testing" / "test_gate.py").read_text("utf-8")
