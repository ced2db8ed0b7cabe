"""The store in one SQLite file: one thread writes, two read, and the event loop reads what is short itself.

===================================  ==============================================================================
``store``                            puts it together; ``open_store`` is the way in
``files``, ``schema``                the file and its lock; its tables (``migrations/*.sql``) and their versions
``writer``, ``group_commit``,        the one writing thread; many jobs in one transaction; when the WAL is written back
``checkpoints``, ``write_back``
``reader``, ``arrivals``             the reading threads; who waits for new records
``intake``, ``logs``, ``records``,   the ports; each method hands a function of the modules below to a thread
``documents``, ``views``, ``facts``,
``decisions``
``links``, ``tiles``,                the heads of links and logs; their trees; how links stand for a decision
``link_standings``
``admission``, ``issuing``,          storing submissions; forming batches; storing received ones; what was judged
``receiving``, ``judgements``
``filing``, ``view_index``,          under which keys records are found; finding them; where a key can lie at all
``key_places``
``reading``, ``proven``,             records with their deliveries; those of a decision with their receipts; proofs
``evidence``
``decision_rows``                    decisions as rows: kept, revised, found
``audit``, ``audit_log``             who changed what, and the tree over it
===================================  ==============================================================================
"""

from gateway.stores.sqlite.store import SqliteStore, open_store

__all__ = ["SqliteStore", "open_store"]
