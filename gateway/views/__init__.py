"""What the records add up to: one subject's story, told from the few records that are found under its keys.

A view is an index and a fold (docs/decisions/0006). The store keeps, in the transaction that stores a record, under
which keys it is found; what is known of a subject is a pure function of the records under its keys, computed when
somebody asks. So the same records give the same answer, in whatever order they came, and nothing has to be repaired.

===================  ============================================================================================
``keys``             under which keys a record is found
``naming``           what a record names, each thing as its key
===================  ============================================================================================
"""
