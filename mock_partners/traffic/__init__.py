"""Made-up records in real shapes: valid numbers and codes, plausible shares, the same for the same seed.

Container prefixes belong to carriers that exist, ports exist; every consignment, operator and control is made up.
"""
