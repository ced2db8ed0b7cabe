"""Reports as JUnit XML, for continuous integration: a suite a play, a case a step."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

from mock_partners.staging.report import Line, Report

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(file: Path, reports: Iterable[Report]) -> None:
    """Write a file that JUnit's readers take."""
    suites = ET.Element("testsuites", name="scenarios")
    for report in reports:
        failures = sum(not line.holds for line in report.lines)
        suite = ET.SubElement(
            suites,
            "testsuite",
            name=report.name,
            tests=str(len(report.lines)),
            failures=str(failures),
            errors="0",
            time=f"{report.seconds:.3f}",
        )
        for number, line in enumerate(report.lines, 1):
            _add_case(suite, report, number, line)
    ET.indent(suites)
    ET.ElementTree(suites).write(file, encoding="utf-8", xml_declaration=True)


def _add_case(suite: ET.Element, report: Report, number: int, line: Line) -> None:
    case = ET.SubElement(suite, "testcase", classname=report.name, name=_clean(f"{number:02} {line.step}"), time="0")
    if not line.holds:
        failure = ET.SubElement(case, "failure", message=_clean(line.faults[0]))
        failure.text = _clean("\n".join((*line.faults, *([f"It matters because: {line.why}"] if line.why else []))))


def _clean(text: str) -> str:
    """Leave out what XML cannot carry."""
    return _NOT_XML.sub("�", text)
