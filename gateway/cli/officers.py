"""What a command says where a second officer must approve."""

from __future__ import annotations


def waits(proposal: int, what: str) -> str:
    """Say that something waits, and what the second officer types."""
    return (
        f"{what} is proposed, and not in force: another officer approves it with "
        f"'gateway proposals approve {proposal} --client NAME'."
    )
