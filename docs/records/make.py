# ruff: noqa: INP001 - a script, not a package
"""Write the pages of this folder from the protos: ``python docs/records/make.py``. A test fails when they are stale."""

from __future__ import annotations

from pathlib import Path

from gateway.records import KINDS
from gateway.records.pages import header_page, index_page, page

HERE = Path(__file__).resolve().parent


def pages() -> dict[str, str]:
    """Give all pages by file name."""
    named = {f"{kind}.md": page(kind) for kind in KINDS}
    return {"README.md": index_page(), "header.md": header_page(), **named}


if __name__ == "__main__":
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")
