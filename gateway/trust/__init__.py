"""Who may say it: administrations' descriptors, the agreements between them, and whose certificate is at the other end.

Read ``names``, ``documents``, ``descriptors``, ``succession``, then ``terms`` and ``agreements``; ``certificates``
stands by itself.
"""
