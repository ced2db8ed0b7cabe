"""The stores behind the ports ``Intake``, ``LinkLogs``, ``Records`` and ``Documents``.

``sqlite`` is one file on one machine. Every store passes the same suite, ``tests/contracts``.
"""
