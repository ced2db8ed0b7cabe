"""Development and test PKI: a certificate authority for each administration, and leaves for its programs.

For tests, demonstrations and first steps. It keeps authority keys in plain files, so a production node gets its
certificates from the administration's own PKI and gives the gateway only the results. Nothing here knows the
gateway: what a certificate must look like is written once as data in ``certs.profiles``.

``python -m certs --help`` is the command, ``certs.authority.Authority`` the library, ``certs.hostile`` the
certificates that must be refused.
"""
