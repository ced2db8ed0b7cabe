"""The eleven rules: each a small pure function over facts, with the reasons that it may give.

A rule says nothing when it holds. What it says of a claim, whatever check is required, is worked out once for all
checks; what it says of a basis, for each. No rule stops another: every result is told. ``RULES`` is the registry; a
decider takes one, so that a test can put a rule there that always holds, and see which scenario notices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gateway.recognition.bases import Basis, Claim
from gateway.recognition.facts import Facts
from gateway.recognition.question import Required
from gateway.recognition.results import Objection
from gateway.recognition.rules import (
    agreement,
    authentic,
    concluded,
    custody,
    equivalent,
    fresh,
    local_override,
    new_threat,
    nothing_adverse,
    operator,
    same_goods,
)
from gateway.values import value

General = Callable[[Facts], Sequence[Objection]]
OfClaim = Callable[[Facts, Claim], Sequence[Objection]]
OfBasis = Callable[[Facts, Basis, Required], Sequence[Objection]]


@value
class Rule:
    """One rule: ``general`` judges the goods as a whole, ``of_claim`` one claim, ``of_basis`` it for a required check.

    ``number`` is that of the API's ``Rule``; ``name`` is how tables call it.
    """

    number: int
    name: str
    general: General | None = None
    of_claim: OfClaim | None = None
    of_basis: OfBasis | None = None

    def always_holding(self) -> Rule:
        """Give a mutant of this rule that never objects."""
        return Rule(
            self.number,
            self.name,
            (lambda _: ()) if self.general else None,
            (lambda _, __: ()) if self.of_claim else None,
            (lambda _, __, ___: ()) if self.of_basis else None,
        )


RULES: Final = (
    Rule(1, "agreement", general=agreement.general, of_basis=agreement.of_basis),
    Rule(2, "local override", general=local_override.general),
    Rule(3, "nothing adverse", general=nothing_adverse.general),
    Rule(4, "authentic", of_claim=authentic.of_claim),
    Rule(5, "fresh", of_basis=fresh.of_basis),
    Rule(6, "same goods", of_claim=same_goods.of_claim, of_basis=same_goods.of_basis),
    Rule(7, "concluded", of_claim=concluded.of_claim, of_basis=concluded.of_basis),
    Rule(8, "equivalent", of_basis=equivalent.of_basis),
    Rule(9, "custody", of_basis=custody.of_basis),
    Rule(10, "operator", of_basis=operator.of_basis),
    Rule(11, "new threat", of_basis=new_threat.of_basis),
)
