"""A gateway that files no record in its view index: ``python -m benchmarks.unfiled serve HOME``.

It is what ``benchmarks/filing.py`` compares with, and of no other use: whoever asks it of operators or goods hears
nothing.
"""

from __future__ import annotations

from unittest.mock import patch

from gateway.cli.main import main
from gateway.stores.sqlite import admission, logs, receiving

if __name__ == "__main__":
    with (
        patch.object(admission, "file_records", return_value=0),
        patch.object(receiving, "file_numbered", return_value=0),
        patch.object(logs, "numbers_under", return_value=()),
    ):
        main()
