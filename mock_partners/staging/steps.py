"""What may happen in a scenario, and what may be expected of it: the schema of ``[[steps]]``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gateway.records.kinds import KINDS

_SPAN: Final = re.compile(r"(\d+)([smhd])")
_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def seconds_of(span: str) -> int:
    """Read a span, such as 26h. ValueError when it is none."""
    found = _SPAN.fullmatch(span)
    if found is None:
        raise ValueError(f"{span!r} is not a span of time, as in 90s, 40m, 26h or 3d")
    return int(found[1]) * _UNITS[found[2]]


def _kind(value: str) -> str:
    if value not in KINDS:
        raise ValueError(f"there is no kind {value!r} of record; the kinds are {', '.join(KINDS)}")
    return value


Administration = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
StepName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Words = Annotated[str, Field(min_length=1)]
Span = Annotated[int, BeforeValidator(lambda value: seconds_of(str(value)))]
Kind = Annotated[str, AfterValidator(_kind)]
Code = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
Pair = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*:[A-Z][A-Z0-9_]*$")]
"""A threat and the check that is required against it, as in EXPLOSIVES_IED:NII."""
Data = dict[str, Any]


class Table(BaseModel):
    """A table of a scenario's file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Step(Table):
    """What every step may have. ``after`` places the step of a variant."""

    name: StepName | None = None
    why: Words | None = None
    after: StepName | None = None


class Submit(_Step):
    """``by`` issues a record. ``refused`` is the reason for which its own gateway is expected not to take it.

    ``count``: so many at once, each its own record; the step's name is that of the last one.
    """

    do: Literal["submit"]
    by: Administration
    kind: Kind
    body: Data = Field(default_factory=dict)
    header: Data = Field(default_factory=dict)
    to: tuple[Administration, ...] = ()
    supersedes: StepName | None = None
    refused: Code | None = None
    quarantined: bool = False
    arrives: bool = True
    count: Annotated[int, Field(ge=1, le=500)] = 1


class Advance(_Step):
    """Time passes, for every node at once."""

    do: Literal["advance"]
    time: Span


class Switch(_Step):
    """A node goes off or on. ``links`` false: nobody waits until its links are open."""

    do: Literal["stop", "start"]
    node: Administration
    links: bool = True


class Conduct(_Step):
    """A node begins to misbehave, as [cast] says, or behaves again."""

    do: Literal["misbehave", "behave"]
    node: Administration


class LineStep(_Step):
    """Every line between nodes is cut, or mended; the nodes stay on."""

    do: Literal["cut", "mend"]


class Copy(_Step):
    """While a node is off, its store is copied, or an earlier copy is put in its place."""

    do: Literal["copy", "put-back"]
    node: Administration


class Suspend(_Step):
    """The operator of ``at`` suspends ``partner``, or lets its link dial again; with ``agreement`` that, at once."""

    do: Literal["suspend", "resume"]
    at: Administration
    partner: Administration
    agreement: Words | None = None
    reason: Words


class Compromise(_Step):
    """``node`` tells partners that its log key may have been in other hands for ``since``, and takes another."""

    do: Literal["compromise"]
    node: Administration
    since: Span


Against = Mapping[Literal["CONTROL", "SCREENING", "AEO", "COMBINATION", "NOTHING"], tuple[Code, ...]]
"""Reasons against bases, by kind of basis; NOTHING has why there is no basis at all."""


class CheckExpected(Table):
    """How one required check comes out.

    ``by`` is the kind of basis that meets it; ``against`` has all reasons against its bases, by their kind, also
    where another basis meets the check.
    """

    standing: Literal["MET", "MET_ON_CONDITION", "REMAINS", "AWAITED"]
    by: Literal["CONTROL", "SCREENING", "AEO", "COMBINATION"] | None = None
    against: Against = Field(default_factory=dict)


class Answer(Table):
    """What a decision is expected to say. What is left out is not looked at; what is there must be the whole of it.

    ``general`` are the reasons that refuse everything, ``against`` those against the bases of all checks, by kind.
    """

    outcome: Literal["RELY", "RELY_SUBJECT_TO", "RELY_IN_PART", "DO_NOT_RELY", "VERIFY", "PENDING"]
    why: Words
    general: tuple[Code, ...] | None = None
    against: Against = Field(default_factory=dict)
    conditions: tuple[Words, ...] | None = None
    remaining: tuple[Pair, ...] | None = None
    checks: Mapping[Pair, CheckExpected] = Field(default_factory=dict)
    relied_on: tuple[StepName, ...] | None = None


class Decide(_Step):
    """``at`` asks whether it may rely; ``question`` goes over the scenario's own.

    ``soon``: it asks again until the outcome is the expected one, for half a minute at most.
    """

    do: Literal["decide"]
    at: Administration
    require: Annotated[tuple[Pair, ...], Field(min_length=1)] | None = None
    question: Data = Field(default_factory=dict)
    soon: bool = False
    expect: Answer


class Revisit(_Step):
    """A decision made before is looked at again: it has resolved by itself, or come to its default."""

    do: Literal["revisit"]
    decision: StepName
    expect: Answer


class Replay(_Step):
    """A decision is made again from what was kept with it."""

    do: Literal["replay"]
    decision: StepName
    verdict: Literal["SAME", "DIFFERENT", "EVIDENCE_ERASED"]


class Look(_Step):
    """``at`` looks at its link with ``partner``, or at how a record of a step stands with it.

    ``unreceipted``: so many entries that it issued have no receipt. What is not so yet is waited for.
    """

    do: Literal["look"]
    at: Administration
    partner: Administration | None = None
    link: Literal["OPEN", "CLOSED", "SUSPENDED"] | None = None
    reason: Code | None = None
    equal_logs: bool = False
    unreceipted: Annotated[int, Field(ge=0)] | None = None
    record: StepName | None = None
    standing: Literal["ACCEPTED", "QUARANTINED", "ABSENT"] | None = None
    rules: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.partner is None) != (self.link is None and not self.equal_logs and self.unreceipted is None):
            raise ValueError("link, equal_logs and unreceipted go with partner, and partner with one of them")
        if self.reason is not None and self.link in (None, "OPEN"):
            raise ValueError("a reason goes with a link that is closed or suspended")
        if (self.record is None) != (self.standing is None):
            raise ValueError("record and standing go together")
        return self


class LookAtLife(_Step):
    """Where a request or an alert, by its name, stands with ``at``."""

    do: Literal["look-at-life"]
    at: Administration
    request: Words | None = None
    alert: Words | None = None
    state: Code

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.request is None) == (self.alert is None):
            raise ValueError("name either a request or an alert")
        return self


class Audited(_Step):
    """The audit log of ``at`` has an entry of this action whose detail contains ``detail``."""

    do: Literal["audited"]
    at: Administration
    action: Words
    detail: Words


class Told(_Step):
    """``by`` ends a session with ``partner`` or refuses a call of its, and says why; waited for."""

    do: Literal["told"]
    by: Administration
    partner: Administration
    reason: Code


class Prove(_Step):
    """``at`` takes the evidence of a record, and it is verified with the descriptors of both sides known."""

    do: Literal["prove"]
    at: Administration
    record: StepName
    issuer: Administration


class Figures(_Step):
    """What ``at`` counts of the reliance of ``partner`` on it: so many findings on arrival that ``contradicted``."""

    do: Literal["figures"]
    at: Administration
    partner: Administration
    contradicted: Annotated[int, Field(ge=0)]


class Override(_Step):
    """An officer of the node that decided does otherwise; the decision stays, and says so."""

    do: Literal["override"]
    decision: StepName
    outcome: Literal["RELY", "DO_NOT_RELY", "VERIFY"]
    reason: Words


class NoteGoods(_Step):
    """The node that decided is told where the goods are."""

    do: Literal["note-goods"]
    decision: StepName
    state: Literal["NOT_ARRIVED", "HELD", "RELEASED"]


class DeclareRecall(_Step):
    """``by`` recalls what fits ``selection`` (RecallSelection in JSON), which ``records`` are expected to be.

    The step's name is the recall's.
    """

    do: Literal["declare-recall"]
    name: StepName
    by: Administration
    selection: Data
    cause: Code
    records: tuple[StepName, ...]


class _OfRecall(_Step):
    """A recall by its name, or by the record that gave rise to it."""

    at: Administration
    recall: StepName | None = None
    record: StepName | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.recall is None) == (self.record is None):
            raise ValueError("name either a recall or the record that it comes from")
        return self


class AnswerRecall(_OfRecall):
    """``at`` tells the partner what its ledger knows of the decisions that a recall reaches."""

    do: Literal["answer-recall"]
    complete: bool = True


class LookAtRecall(_OfRecall):
    """Where a recall stands, and which decisions it reaches, in the order in which they are to be dealt with."""

    do: Literal["look-at-recall"]
    state: Literal["OPEN", "ACKNOWLEDGED", "SETTLED", "ESCALATED"] | None = None
    decisions: tuple[StepName, ...] | None = None
    not_released: int | None = None


Happening = Submit | Advance | Switch | Conduct | LineStep | Copy | Suspend | Compromise
Asking = Decide | Revisit | Replay | Override
Looking = Look | LookAtLife | Audited | Told | Prove | Figures
LookingBack = NoteGoods | DeclareRecall | AnswerRecall | LookAtRecall
Step = Annotated[Happening | Asking | Looking | LookingBack, Field(discriminator="do")]


def people_of(step: Step) -> set[str]:
    """Name every administration that a step names."""
    named = {getattr(step, key, None) for key in ("by", "node", "at", "partner")} - {None}
    return {str(each) for each in named} | set(getattr(step, "to", ()))


def steps_named_by(step: Step) -> list[str]:
    """Name every earlier step that a step names."""
    named = [getattr(step, key, None) for key in ("supersedes", "decision", "record")]
    expected = getattr(step, "expect", None)
    many = (*(getattr(step, "records", None) or ()), *(getattr(step, "decisions", None) or ()))
    return [*(each for each in named if each is not None), *many, *((expected and expected.relied_on) or ())]
