"""The proof of one record, for whoever was not there: a file that is verified without any of the two gateways.

``bundle`` makes one and ``verification`` checks one; both stand on ``composition``, which alone decides what a
bundle's bytes are. Around it: ``archive`` (the zip), ``schema`` (reading a record by a descriptor set), ``layout``
(which file is what), ``attestation`` (who signed a checkpoint). No I/O: bytes in, bytes or a verdict out.
"""
