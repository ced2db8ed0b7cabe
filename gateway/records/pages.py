"""The documentation page of each kind, as Markdown: the explanation and the example, nothing written by hand."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.records.explanation import OF_EVERY_FIELD, Explanation, FieldRow, RuleRow, explain, explain_header
from gateway.records.kinds import KINDS
from gateway.records.succession import moves_of
from gateway.records.templates import example

_MADE = "<!-- Made by docs/records/make.py from the protos: edit the protos. -->"


def page(kind: str) -> str:
    """Write the page of ``kind``."""
    explanation = explain(kind)
    lines = [
        *_opening(explanation),
        *_succession(kind),
        "## Example (made up)",
        "",
        "```json",
        example(kind).rstrip(),
        "```",
    ]
    return "\n".join(lines) + "\n"


def header_page() -> str:
    """Write the page on the header that all kinds share."""
    return "\n".join(_opening(explain_header())).rstrip() + "\n"


def index_page() -> str:
    """Write the list of all pages."""
    rows = [f"| [`{kind}`]({kind}.md) | {_cell(_first_sentence(explain(kind).meaning))} |" for kind in KINDS]
    intro = (
        "Every record has the same [header](header.md) and a body of one kind. All pages come from the comments and\n"
        "annotations in `protos/mutualrecognition/records/v1`, which are the definition; so does what\n"
        "`gateway records explain KIND` says. `gateway records new KIND` writes a template to start from, and\n"
        "`gateway records check FILE` tells every fault before a record is submitted."
    )
    return "\n".join([_MADE, "", "# Records", "", intro, "", "| kind | what it says |", "| --- | --- |", *rows]) + "\n"


def _opening(explanation: Explanation) -> Iterator[str]:
    yield from (_MADE, "", f"# {explanation.kind}", "", explanation.meaning, "", "## Fields", "")
    yield from ("| field | type | must | meaning and rules |", "| --- | --- | --- | --- |")
    yield from (_field(row, explanation.kind) for row in explanation.fields)
    yield ""
    if lists := [row for row in explanation.fields if row.values]:
        yield from ("## Values", "")
        yield from _values(lists, explanation.kind)
    yield from (
        "## Rules of every field",
        "",
        "No annotation in the proto says these; a receiver asks them all the same.",
        "",
    )
    yield from (f"- `{rule.rule}`, of {where}: {rule.sentence}" for where, rule in OF_EVERY_FIELD)
    yield ""
    if explanation.rules:
        yield from ("## Rules across fields", "")
        yield "Rules in the proto are annotations, so every implementation has them; the others stand here in words."
        yield from ("", "| rule | at | what it asks | in the proto |", "| --- | --- | --- | --- |")
        yield from (_rule(row) for row in explanation.rules)
        yield ""


def _succession(kind: str) -> Iterator[str]:
    """Tell what may supersede a record of this kind."""
    yield from ("## What may supersede it", "")
    if kind == "withdrawal":
        yield from ("Nothing.", "")
        return
    yield from ("A record of the same kind, as a correction, or a `withdrawal`.", "")
    if not (moves := moves_of(kind)):
        return
    yield from ("The state stays the same or moves so:", "", "| from | to |", "| --- | --- |")
    for state, after in moves.items():
        yield f"| `{state}` | {', '.join(f'`{each}`' for each in after) or 'nothing: this is the end'} |"
    yield ""
    if kind == "aeo_status":
        yield from ("Under a new `certificate_number` a standing begins anew, with APPLIED or CERTIFIED.", "")


def _field(row: FieldRow, kind: str) -> str:
    words = " ".join((row.meaning, *(_form(rule) for rule in row.rules)))
    return f"| `{_short(row.path, kind)}` | {row.type} | {'yes' if row.required else ''} | {_cell(words)} |"


def _values(lists: list[FieldRow], kind: str) -> Iterator[str]:
    for row in lists:
        yield from (f"`{_short(row.path, kind)}`", "")
        yield from (f"- `{value.name}`: {value.meaning}" for value in row.values)
        yield ""


def _rule(row: RuleRow) -> str:
    return f"| `{row.name}` | `{row.path or 'record'}` | {_cell(row.sentence)} | {'yes' if row.annotated else ''} |"


def _form(rule: str) -> str:
    """Set a pattern apart as code; other rules are sentences already."""
    words, mark, pattern = rule.partition("^")
    return f"{words}`{mark}{pattern}`" if mark else rule


def _short(path: str, kind: str) -> str:
    return path.removeprefix(f"{kind}.")


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].rstrip(".") + "."


def _cell(text: str) -> str:
    """Keep a table's bars apart from a pattern's."""
    return text.replace("|", "\\|")
