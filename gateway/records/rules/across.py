"""Rules that look at more than one field: what they are made of, and where they are found.

Where the standard can say such a rule, it stands in the proto as a CEL annotation, for partners in any language, and
here as a function of the same name (``SAID``): CEL is too slow for the path of a batch. A name without its function
stops the program at import; a property test holds both to the same answers. What CEL cannot say (check digits,
calendars, code mappings) is a function alone (``NAMED``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

Holds = Callable[[Any], bool]
"""Takes the message that bears the rule; True when it keeps the rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule across the fields of one message type.

    ``name`` is stable; ``sentence`` is for the person at the issuer who must correct the record; ``path`` names the
    field at fault within the message, empty for the message itself.
    """

    name: str
    sentence: str
    holds: Holds
    path: str = ""


def in_order(earlier: Timestamp, later: Timestamp) -> bool:
    """Tell whether ``later`` is not before ``earlier``."""
    gap = later.seconds - earlier.seconds
    return gap > 0 or (gap == 0 and later.nanos >= earlier.nanos)


def calendar_day(text: str) -> bool:
    """Tell whether ``text`` (YYYY-MM-DD, or empty for unknown) is a day of the calendar.

    Text of another form passes: that it has another form is told by the field's own rule.
    """
    if not _DAY_FORM.fullmatch(text):
        return True
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


_DAY_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
