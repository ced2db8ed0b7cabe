"""Values: small immutable objects, many of which are made for every record and every decision."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, dataclass_transform, overload

T = TypeVar("T")


@overload
def value(cls: type[T], /) -> type[T]: ...
@overload
def value(*, eq: bool = True, order: bool = False) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(cls: type[T] | None = None, /, *, eq: bool = True, order: bool = False) -> Any:
    """Make a class a slotted dataclass that nobody may change.

    It says so to the type checker alone, which every change of this project must pass. A dataclass that is frozen at
    run time too sets each field by a call, and takes three times as long to make. Equal values hash alike; with
    ``eq=False`` a value is equal to itself alone.
    """
    made = dataclass(slots=True, eq=eq, order=order, unsafe_hash=eq)
    return made if cls is None else made(cls)


class once(Generic[T]):  # noqa: N801  used as property is
    """A property that is worked out when it is first asked for, and kept in the object's ``__dict__``.

    ``functools.cached_property`` without its lock, which costs more than most of what is worked out here: two threads
    may work it out twice.
    """

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        """Note under which name it is kept."""
        self._name = name

    def __get__(self, instance: Any, owner: type) -> T:  # noqa: ANN401  any class
        """Work it out; from then on Python finds what is kept, and does not ask here."""
        found = instance.__dict__[self._name] = self._work_out(instance)
        return found


def remembers(cls: type[T]) -> type[T]:
    """Mark a class that has a property with ``once``; at run time this does nothing.

    Where the rules are compiled (docs/decisions/0036), a class without a decorator becomes one whose instances have no
    ``__dict__`` in which anything could be kept.
    """
    return cls
