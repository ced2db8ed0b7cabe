"""``python -m mock_partners.network.worker``: one process that runs a share of a network.

It is told what to do by JSON lines on its standard input (``crew``), answers each with one on its standard output, and
closes its nodes when the input ends, however that came about.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Final

from gateway.cli.serving import SWITCH_SECONDS, collect_rarely, write_log
from mock_partners.network.plan import Plan
from mock_partners.network.share import Share

LONGEST_LINE: Final = 64 * 1024 * 1024
_CALLS: Final = ("found", "open", "trade", "look", "end_trade", "close")


async def serve() -> None:
    """Answer line after line until there are no more."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    first = json.loads(await reader.readline())
    collect_rarely()
    share = Share(Plan.from_json(first["plan"]), first["mine"])
    try:
        while line := await reader.readline():
            print(json.dumps(await _answer(share, json.loads(line))), flush=True)  # noqa: T201  what the crew reads
    finally:
        await share.close()


async def _answer(share: Share, call: dict[str, Any]) -> dict[str, Any]:
    name = call.pop("call")
    if name not in _CALLS:
        return {"fault": f"there is no {name!r}"}
    try:
        answer = await getattr(share, name)(**call)
    except Exception as error:  # noqa: BLE001  whatever it is, the crew says it and stops the others
        return {"fault": f"{type(error).__name__}: {error}"}
    if name == "open":
        collect_rarely()  # what was opened stays
    return {"answer": answer}


if __name__ == "__main__":
    sys.setswitchinterval(SWITCH_SECONDS)
    write_log(form="json", level="critical")
    asyncio.run(serve())
