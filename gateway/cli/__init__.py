"""The commands: thin, they read arguments, call the library or a running node, and say plainly what came of it.

Exit codes: 0 done · 1 refused or failed, with the reason · 2 wrong usage · 3 evidence consistent, not proven ·
130 interrupted.
"""

import gateway.rpc  # noqa: F401  before any command loads gRPC: it says what that reads of the environment
