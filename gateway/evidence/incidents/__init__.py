"""Incident bundles: the signed notes for which a link was suspended, and what they prove to a third party, offline.

A bundle is made of notes that contradict each other, or do not; whoever verifies it finds out by itself. What its maker
says of the incident comes along, and counts as its word alone.
"""
