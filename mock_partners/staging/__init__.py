"""Plays scenarios (``mock_partners/scenarios``) on real nodes in this process, and compares: did it come as it should?

The order of a play: ``script`` reads the file with its ``steps``, ``variants`` makes plays of it, ``homes`` and
``agreements`` lay out each administration, ``stage`` opens their nodes on one settable ``clock``, ``acts`` carries out
the timeline in the ``wording`` of the moment, ``deciding`` asks and compares, ``telling`` and ``junit`` tell of it.
"""
