"""Descriptors that a verifier holds itself, against those that a bundle brings."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gateway.errors import DescriptorFork
from gateway.trust.descriptors import Descriptor


def is_trusted(bundled: Descriptor, digests: Collection[bytes], known: Sequence[Descriptor]) -> bool:
    """Say whether a descriptor is known from outside: by its digest, by itself, or named by a known later one."""
    later = (descriptor.previous for descriptor in known)
    return bundled.digest in {*digests, *(descriptor.digest for descriptor in known), *later}


def deciding_descriptor(bundled: Descriptor, known: Sequence[Descriptor]) -> Descriptor:
    """Give the newest descriptor of this administration, the bundled one or a known one: its keys decide.

    A later descriptor holds all keys that there ever were, and may let them end earlier.

    Raises:
        DescriptorFork: a known one says that the bundled one is not what its owner issued.
    """
    own = [each for each in known if each.administration == bundled.administration]
    for each in own:
        stated = {each.version: each.digest, each.version - 1: each.previous}.get(bundled.version, bundled.digest)
        if stated != bundled.digest:
            raise DescriptorFork(
                f"The bundle's descriptor of {bundled.administration}, version {bundled.version}, is another one than "
                f"the verifier's."
            )
    return max((bundled, *own), key=lambda each: each.version)
