"""What is wrong with this node itself."""

from __future__ import annotations

from gateway.errors.families import Ours, Passing, Pressure


class ConfigurationInvalid(Ours):
    """The node's configuration cannot be used."""

    reason = "CONFIGURATION_INVALID"
    act = "This node's operator must correct the configuration."


class NodeUnanswered(Passing):
    """A command did not reach the node that it called; the sentence says where it got to, and who must act."""

    act = "If it lasts, the node's log and 'gateway doctor' say more."


class KeyFileUnsafe(Ours):
    """A key file that others can read, or that is not what it should be."""

    reason = "KEY_FILE_UNSAFE"
    act = "This node's operator must restore the file's owner and mode (0600)."


class StoreInUse(Ours):
    """Another process has this store open."""

    reason = "STORE_IN_USE"
    act = "This node's operator must stop the other process, or ask it instead."


class StoreCorrupt(Ours):
    """Rows that do not fit the roots."""

    reason = "STORE_CORRUPT"
    act = "This node's operator must stop and recover the store; nothing more is signed from it."


class StoreNewer(Ours):
    """A store that a later version of this program has written."""

    reason = "STORE_NEWER"
    act = "This node's operator must run the version that wrote it, or a later one."


class AuditFailed(Ours):
    """An entry of the audit log that cannot be written; what it was to tell of is then not done."""

    reason = "AUDIT_FAILED"
    act = "This node's operator must mend the store: nothing is exchanged or changed while the audit log is shut."


class StoreFailed(Ours):
    """The disk did not do what it was asked; whether the last commit is durable is not known."""

    reason = "STORE_FAILED"
    act = "This node's operator must look at the disk and restart the node, which then goes on from what is durable."


class StoreFull(Pressure):
    """The disk has no room, or less than is kept; nothing was stored, and everything goes on by itself with room."""

    act = "This node's operator must make room on its disk; until then the caller must wait and try again."
