"""The gRPC doors: thin, no rules inside.

Three ports, because three kinds of callers must never meet: ``peer`` (other administrations), ``national`` (this
administration's own systems) and ``operations`` (the operator). Every call passes one ``Guard`` that knows the caller,
looks the method up in one table (``access``), and turns every error of ``gateway.errors`` into a status (``status``).
"""
