"""The gRPC doors: thin, no rules inside.

Three ports, because three kinds of callers must never meet: ``peer`` (other administrations), ``national`` (this
administration's own systems) and ``operations`` (the operator). Every call passes one ``Guard`` that knows the caller,
looks the method up in one table (``access``), and turns every error of ``gateway.errors`` into a status (``status``).

gRPC has no switch for the lowest TLS version. A list of TLS 1.2 suites that our certificates (elliptic curves) cannot
serve leaves only 1.3 to agree on; it is read when gRPC loads, hence here. ``identity`` checks the version again.
"""

import os

os.environ["GRPC_SSL_CIPHER_SUITES"] = "ECDHE-RSA-AES256-GCM-SHA384"
os.environ.setdefault("GRPC_VERBOSITY", "ERROR")
"""gRPC's own notes on every failed handshake say less than this node's log, and are not JSON."""
