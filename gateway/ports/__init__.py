"""The ports: what the core needs of the world, and the values that pass through them.

===============  ==============================================================  =========================
port             what it gives                                                   who stands behind it
===============  ==============================================================  =========================
``Clock``        the time                                                        ``gateway.clocks``
``Randomness``   salts, session ids, record ids                                  ``gateway.clocks``
``Signer``       signatures (defined with the keys, ``gateway.linklog.keys``)    ``gateway.signers``
``Intake``       takes what the national system submits                          ``gateway.stores``
``LinkLogs``     both logs of every link: batches, receipts, positions           ``gateway.stores``
``Records``      reads records and their evidence                                ``gateway.stores``
``Documents``    descriptors and agreements                                      ``gateway.stores``
``Proposals``    changes of trust that wait for a second officer                 ``gateway.stores``
``AuditLog``     who did what when and why                                       ``gateway.stores``
``ViewIndex``    finds records by what they are about                            ``gateway.stores``
===============  ==============================================================  =========================

Every method that changes something returns only after its change is in one committed, durable transaction,
together with its audit entry. Calls may be made concurrently; a store may join several into one transaction, and
then a call that fails does not touch the others.
"""
