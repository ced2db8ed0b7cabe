"""``python -m certs``."""

from certs.command import main

main()
