"""A mock network as a test sees it: members to call, lines to cut. It runs in another process, which this one starts.

Every method waits until what it asks for is done. In a test with an event loop of its own,
``await asyncio.to_thread(network.quiet)`` lets the loop go on meanwhile.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    import grpc

END_SECONDS: Final = 30
LAST_LINES: Final = 20


class MockNetworkFailed(Exception):
    """What was asked of a mock network did not come about; the sentence says why."""


class Host:
    """The process that runs networks, started when the first is opened; a context manager that ends it."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self._turn = threading.Lock()

    def __enter__(self) -> Self:
        """Nothing is started yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close every network, and end the process."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def ask(self, do: str, **given: Any) -> Any:  # noqa: ANN401  JSON
        """Have something done, and give what came of it.

        Raises:
            MockNetworkFailed: it did not come about.
        """
        __tracebackhide__ = True  # for pytest: the sentence says it all
        with self._turn:
            process = self._process = self._process or self._start()
            assert process.stdin is not None
            assert process.stdout is not None
            try:
                process.stdin.write(json.dumps({"do": do, **given}) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
            except BrokenPipeError:
                line = ""  # it has ended; what it said last is in its log
            except BaseException:
                process.kill()  # whoever asks next would get the answer that nobody has waited for
                raise
        if not line:
            raise MockNetworkFailed(f"The mock network's process has ended. Its log, {self._log}, ends:\n{self.said()}")
        answer = json.loads(line)
        if "error" in answer:
            raise MockNetworkFailed(answer["error"])
        return answer["gives"]

    def said(self, since: int = 0) -> str:
        """Give the last lines of its log, of those behind a place in it."""
        if not self._log.exists():
            return ""
        lines = self._log.read_bytes()[since:].decode("utf-8", errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    @property
    def logged(self) -> int:
        """How far its log goes."""
        return self._log.stat().st_size if self._log.exists() else 0

    def _start(self) -> subprocess.Popen[str]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-E", "-P", "-m", "mock_partners.hosting"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                encoding="utf-8",
                start_new_session=True,
            )


@dataclass(frozen=True, slots=True)
class Member:
    """One administration of a network, as its own national system sees it.

    ``address`` is its national door. ``authority``, ``certificate`` and ``key`` are the files (PEM) of a client with
    every role; ``home`` is what the ``gateway`` commands are given as ``--home``.
    """

    administration: str
    address: str
    authority: Path
    certificate: Path
    key: Path
    home: Path
    _network: MockNetwork = field(repr=False, compare=False)

    def channel(self) -> grpc.Channel:
        """Open a channel to its national door, for blocking calls; close it."""
        import grpc  # noqa: PLC0415  only who asks for a channel has grpc loaded

        return grpc.secure_channel(self.address, self._credentials())

    def aio_channel(self) -> grpc.aio.Channel:
        """Open a channel to its national door, for the event loop that runs; close it."""
        import grpc.aio  # noqa: PLC0415

        return grpc.aio.secure_channel(self.address, self._credentials())

    def state(self, record: Mapping[str, Any], *, to: Sequence[str] = ()) -> str:
        """State a record, given as its JSON, to these administrations, or to everybody whom an agreement lets have it.

        Gives its record_id; when it has arrived, ``MockNetwork.quiet`` tells.

        Raises:
            MockNetworkFailed: the member's gateway refuses it, with the fields at fault.
        """
        given = self._network.ask("state", member=self.administration, record=record, to=list(to))
        return str(given)

    def _credentials(self) -> grpc.ChannelCredentials:
        import grpc  # noqa: PLC0415

        return grpc.ssl_channel_credentials(
            self.authority.read_bytes(), self.key.read_bytes(), self.certificate.read_bytes()
        )


@dataclass(frozen=True, slots=True)
class Event:
    """One message on a link, as one end saw it: ``way`` is out or in. ``behaviour`` marks what was not honest.

    ``at`` is seconds since the network was opened. ``way`` is begin, end or deed for what is no message.
    """

    at: float
    seen_by: str
    partner: str
    way: str
    kind: str
    facts: str = ""
    behaviour: str = ""

    def __str__(self) -> str:
        """Give it as a line."""
        dishonest = f"  ({self.behaviour})" if self.behaviour else ""
        return f"{self.at:8.3f}  {self.seen_by} {self.way:5} {self.partner}  {self.kind}  {self.facts}{dishonest}"


class MockNetwork:
    """A network that is open: its members by their codes, and what can be done to it as a whole.

    Each method raises ``MockNetworkFailed`` when what it asks for does not come about.
    """

    def __init__(self, host: Host, opened: Mapping[str, Any]) -> None:
        self._host = host
        self._number = opened["network"]
        self._since = host.logged
        self.members: Mapping[str, Member] = {
            name: Member(
                administration=name,
                address=told["address"],
                authority=Path(told["authority"]),
                certificate=Path(told["certificate"]),
                key=Path(told["key"]),
                home=Path(told["home"]),
                _network=self,
            )
            for name, told in opened["members"].items()
        }

    def __getitem__(self, administration: str) -> Member:
        """Give a member by its code. KeyError when there is none."""
        return self.members[administration]

    def quiet(self) -> None:
        """Wait until all that was stated has arrived and is signed for; what a cut line holds up is left out."""
        self.ask("quiet")

    def cut(self, one: str, other: str) -> None:
        """Cut two partners from each other."""
        self.ask("cut", between=[one, other])

    def heal(self, one: str, other: str) -> None:
        """Let two partners reach each other again; they find each other within some seconds."""
        self.ask("heal", between=[one, other])

    def wait_until_suspended(self, at: str, partner: str) -> None:
        """Wait until the gateway of ``at`` has suspended its link with a partner, as it does with one that lies."""
        self.ask("suspended", at=at, partner=partner)

    def stop(self, administration: str) -> None:
        """Stop a member's gateway; what it holds stays."""
        self.ask("stop", member=administration)

    def start(self, administration: str) -> None:
        """Start a member's gateway again, and wait for its links."""
        self.ask("start", member=administration)

    def trace(self) -> list[Event]:
        """Give what was seen on the links since the network was opened, in order."""
        return [Event(**each) for each in self.ask("trace")]

    def told(self) -> str:
        """Say for people what has happened last: on the links, and in the gateways' logs, which are JSON."""
        return "\n".join([*map(str, self.trace()[-LAST_LINES:]), self._host.said(self._since)])

    def ask(self, do: str, **given: Any) -> Any:  # noqa: ANN401  JSON
        """Have something done with this network."""
        return self._host.ask(do, network=self._number, **given)


class MockNetworks:
    """Opens networks one after the other or beside each other, each at a place of its own under ``place``."""

    def __init__(self, host: Host, place: Path) -> None:
        self._host = host
        self._place = place

    @contextmanager
    def open(
        self,
        members: Sequence[str] = ("NL", "CN"),
        *,
        topology: str = "mesh",
        behaviours: Mapping[str, Sequence[str]] | None = None,
    ) -> Iterator[MockNetwork]:
        """Run real gateways of ``members``, every link open, for as long as the context is.

        ``topology`` says who has an agreement with whom: mesh, star, regions or k-regular:K. ``behaviours`` says which
        members misbehave and how, such as ``{"XA": ["fork"]}``.

        Raises:
            MockNetworkFailed: such a network there cannot be, or a link stays closed.
        """
        place = self._new_place()
        wrong = {name: list(given) for name, given in (behaviours or {}).items()}
        opened = self._host.ask("open", members=list(members), topology=topology, behaviours=wrong, place=str(place))
        network = MockNetwork(self._host, opened)
        try:
            yield network
        finally:
            network.ask("close")

    def _new_place(self) -> Path:
        """Make the next directory that is not there yet; other runs and other workers may make some too."""
        for number in itertools.count(1):
            with suppress(FileExistsError):
                place = self._place / str(number)
                place.mkdir(parents=True)
                return place
        raise AssertionError("numbers do not end")
