"""What we relied on, what became of it, and what to do when it was wrong: the ledger, recalls, and the figures.

The core of the room does no I/O: ledger and suspensions are behind ports.
"""
