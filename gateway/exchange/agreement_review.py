"""What this version of the records makes of an agreement: flows that can carry nothing, or nothing that holds.

An agreement is well-formed without this: its kinds and fields are names, and a partner may have a newer version that
knows more of them. So whoever signs is told, and decides; what both have signed already is only warned of.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.errors import Violation
from gateway.records import KINDS, FieldSelection
from gateway.trust.agreement_text import place_in
from gateway.trust.agreements import parse_agreement
from gateway.trust.terms import Flow


def review(text: str) -> tuple[Violation, ...]:
    """Tell which flows of an agreement's text name what this version does not know, or withhold what a record needs.

    ``path`` is as in ``flows[1].fields``; the message begins with the place in the text. Rules between fields are not
    looked at: whether a record without its withheld fields holds, each release asks anew.

    Raises:
        DocumentInvalid: the text is no agreement.
    """
    terms = parse_agreement(text).terms
    return tuple(found for number, flow in enumerate(terms.flows) for found in _flow(text, number, flow))


def _flow(text: str, number: int, flow: Flow) -> Iterator[Violation]:
    place = place_in(text, ("flows", number))
    way = f"{place}, {flow.sender} to {flow.receiver}"
    if flow.kind not in KINDS:
        sentence = f"{way}: this version knows no record of kind {flow.kind}; the kinds are {', '.join(KINDS)}."
        yield Violation(f"flows[{number}].kind", "flow.kind_unknown", sentence)
        return
    selection = FieldSelection(flow.kind, flow.fields)
    for field in selection.unknown:
        sentence = f"{way}: a record of kind {flow.kind} has no field {field} in this version."
        yield Violation(f"flows[{number}].fields", "flow.field_unknown", sentence)
    for field in selection.withheld:
        sentence = f"{way}: {flow.kind}.{field} is withheld, and must be stated wherever what it belongs to is."
        yield Violation(f"flows[{number}].fields", "flow.required_withheld", sentence)
