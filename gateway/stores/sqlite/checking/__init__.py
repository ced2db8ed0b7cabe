"""Checks a whole store: everything that follows from something else is derived anew and compared.

==============  =================================================================================================
``findings``    what may be found, and which repair is safe for it
``course``      the steps in their order, their progress, the report
``pages``       the file itself: pages and indexes by SQLite's own check, schema, write-ahead log
``documents``   descriptors and agreements: digests, signatures, succession; gives the keys for what follows
``log_entries``  every link log: commitments from salts and records, nodes, peaks, heads, batch ends
``receipts``    the checkpoints: roots against the entries, both sides' signatures, times
``records``     columns against the records' bytes; that each issued record is in a log or waits, once
``judgements``  what receivers said, against the records in which they said it
``views``       the view index against the records
``answers``     what clients were answered
``audit_tree``  the audit log's tree from its rows, and its signed heads against that
``repairing``   what can be derived again without loss: the view index, inner nodes, peaks
==============  =================================================================================================

Nothing here writes but ``repairing``, and nothing is believed because it is stored: a root only where it follows from
the entries, a signature only under a key of a descriptor that holds.
"""

from gateway.stores.sqlite.checking.course import CheckReport, check_file
from gateway.stores.sqlite.checking.findings import Finding, Repair
from gateway.stores.sqlite.checking.repairing import repair_file

__all__ = ["CheckReport", "Finding", "Repair", "check_file", "repair_file"]
