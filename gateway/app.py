"""The one place that knows every class: a node from its configuration, opened and closed in order.

Opening: store, trust, signers, exchange, doors, links, timekeeper. Closing, in reverse: no timed duty, no new calls,
links drained, store last.

A test, a mock partner or a simulated world hands in its own collaborators; what is not handed in is the real thing.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from gateway import fail_points
from gateway.clocks.system import SystemClock, SystemRandomness
from gateway.config import Config, Environment
from gateway.exchange.export import EvidenceExport
from gateway.exchange.four_eyes import FourEyes
from gateway.exchange.release import PresentReleaser, Releaser
from gateway.exchange.submission import Submissions
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.groundwork import World, standing
from gateway.node_files import Identities
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock, Randomness
from gateway.recognition.rules import RULES, Rule
from gateway.records.codes import CodeList
from gateway.rpc.agreement_clock import AgreementClock
from gateway.rpc.audit_keeping import AuditKeeping
from gateway.rpc.concerns import Concerns
from gateway.rpc.consignments_service import ConsignmentsService
from gateway.rpc.dialer import Reach, as_named
from gateway.rpc.doors import Certificates, open_doors
from gateway.rpc.hand import take_in_hand
from gateway.rpc.identity import PeerIdentity
from gateway.rpc.link_ends import Between, nothing_between
from gateway.rpc.links_service import LinksService, NodeFacts
from gateway.rpc.looking_back import look_back
from gateway.rpc.operators_service import OperatorsService
from gateway.rpc.proposals_service import ProposalsService
from gateway.rpc.recognition import set_up_desk
from gateway.rpc.recognition_service import RecognitionService
from gateway.rpc.records_service import RecordsService
from gateway.rpc.renewals import Renewals
from gateway.rpc.served import Services
from gateway.rpc.switchboard import Switchboard
from gateway.rpc.timekeeper import Timekeeper
from gateway.rpc.trust_service import TrustService
from gateway.stores.code_files import code_lists
from gateway.stores.sqlite.store import SqliteStore
from gateway.trust.book import TrustBook
from gateway.trusting import Trusting
from gateway.views.register import OperatorRegister
from gateway.views.tracing import ConsignmentTracer

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Collaborators:
    """What a mock partner wraps, or a test replaces: honest by default."""

    logs: Callable[[LinkLogs], LinkLogs] = lambda logs: logs
    releaser: Callable[[TrustBook], Releaser] = Releaser
    rules: Sequence[Rule] = RULES
    reach: Reach = as_named
    between: Between = nothing_between
    clock: Callable[[Clock], Clock] = lambda clock: clock


@dataclass(frozen=True, slots=True)
class Node:
    """A running node: where its doors are."""

    administration: str
    peer_port: int | None
    national_port: int
    operations_port: int


@asynccontextmanager
async def open_node(
    config: Config,
    home: Path,
    *,
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    collaborators: Collaborators = Collaborators(),
) -> AsyncIterator[Node]:
    """Run a node for as long as the context is open; leaving it drains the links and loses nothing.

    Raises:
        StoreInUse, ConfigurationInvalid, KeyFileUnsafe, StoreCorrupt: it cannot start, with the reason.
    """
    fail_points.arm(production=config.environment is Environment.PRODUCTION)
    world = World(collaborators.clock(clock or SystemClock()), randomness or SystemRandomness())
    async with AsyncExitStack() as stack:
        ground = await stack.enter_async_context(standing(config, home, world))
        store, keeper, files = ground.store, ground.keeper, ground.files
        await _update_views(store)
        files.refuse_demo_keys()
        identities = Identities.of(files)
        logs = collaborators.logs(store.logs)
        trusting = await Trusting.of(config, files, keeper, store, world.clock, reach=collaborators.reach)
        switchboard = trusting.switchboard(logs, world.randomness, collaborators.between)
        releasers = PresentReleaser(keeper.book, collaborators.releaser)
        keeper.subscribe(releasers.use)
        keeper.subscribe(switchboard.trust_changed)
        audit = AuditKeeping.of(store.audit, files.audit_signer(), world.clock)
        stack.push_async_callback(audit.close)
        timekeeper = Timekeeper(world.clock)
        timekeeper.add("audit", audit.tick)
        trusting.add_duties(timekeeper)
        timekeeper.add("agreements", AgreementClock(book=lambda: keeper.book, renew=switchboard.trust_changed).tick)
        concerns = Concerns(
            book=lambda: keeper.book,
            identities=(identities.gateway, identities.national),
            refusal=trusting.identity.refusal,
        )
        timekeeper.add("concerns", concerns.tick)
        lists = code_lists(home)
        parts = _Parts(config, store, keeper, switchboard, world, lists, timekeeper, audit, trusting, concerns)
        callers = trusting.callers(switchboard, audit.refusals)
        services = _services(parts, releasers, callers.peer, await _recognition(parts, collaborators.rules))
        ports = await open_doors(
            stack,
            config.addresses,
            services=services,
            callers=callers,
            certificates=Certificates(trusting.identity.at_the_door, identities.national),
            clock=world.clock,
        )
        stack.push_async_callback(switchboard.stop)
        await switchboard.start(keeper.book)
        stack.push_async_callback(timekeeper.stop)
        timekeeper.start()
        yield Node(config.administration, ports.peer, ports.national, ports.operations)


async def _update_views(store: SqliteStore) -> None:
    """File all records anew when an earlier version filed them, before anybody asks."""
    if await store.views.is_outdated():
        _log.info("records are filed anew for this version's views")
        await store.views.rebuild(lambda progress: _log.info("filed", done=progress.done, newest=progress.newest))


@dataclass(frozen=True, slots=True)
class _Parts:
    config: Config
    store: SqliteStore
    keeper: TrustKeeper
    switchboard: Switchboard
    world: World
    lists: Mapping[str, CodeList]
    timekeeper: Timekeeper
    audit: AuditKeeping
    trusting: Trusting
    concerns: Concerns


async def _recognition(parts: _Parts, rules: Sequence[Rule]) -> RecognitionService:
    return await set_up_desk(
        parts.store,
        rules=rules,
        lists=parts.lists,
        book=lambda: parts.keeper.book,
        clock=parts.world.clock,
        randomness=parts.world.randomness,
        timekeeper=parts.timekeeper,
        turns=parts.trusting.turns,
    )


def _services(
    parts: _Parts, releasers: PresentReleaser, peers: PeerIdentity, recognition: RecognitionService
) -> Services:
    config, store, keeper, clock = parts.config, parts.store, parts.keeper, parts.world.clock
    submissions = Submissions(
        administration=config.administration,
        intake=store.intake,
        releaser=releasers.present,
        clock=clock,
        randomness=parts.world.randomness,
        ring=parts.switchboard.ring,
    )
    evidence = EvidenceExport(records=store.records, book=lambda: keeper.book)
    links = LinksService(
        node=NodeFacts(config.administration, config.domain, clock.now()),
        logs=store.logs,
        book=lambda: keeper.book,
        runtimes=lambda: parts.switchboard.runtimes,
        resume=parts.switchboard.resume,
        concerns=lambda: parts.concerns.present(clock.now()),
        renewals=Renewals(
            histories=store.histories,
            book=lambda: keeper.book,
            suspended=parts.switchboard.suspended,
            resumed=parts.switchboard.resumed,
        ),
    )
    four_eyes = config.trust.four_eyes
    officers = FourEyes(keeper=keeper, proposals=store.proposals, clock=clock, required=four_eyes)
    parts.timekeeper.add("proposals", officers.expire)
    parts.timekeeper.add("key places", lambda _: store.views.learn())
    register = OperatorRegister(
        administration=config.administration,
        index=store.views,
        logs=store.logs,
        clock=clock,
        partners=lambda: keeper.book.partners,
    )
    in_hand = take_in_hand(
        administration=config.administration,
        submissions=submissions,
        records=store.records,
        index=store.views,
        ledger=store.ledger,
        book=lambda: keeper.book,
        clock=clock,
        timekeeper=parts.timekeeper,
    )
    back = look_back(
        store,
        submissions=submissions,
        in_hand=in_hand,
        register=register,
        book=lambda: keeper.book,
        clock=clock,
        randomness=parts.world.randomness,
        timekeeper=parts.timekeeper,
        turns=parts.trusting.turns,
    )
    return Services(
        federation=parts.trusting.federation_service(parts.switchboard, peers),
        records=RecordsService(
            administration=config.administration,
            submissions=submissions,
            records=store.records,
            evidence=evidence,
            lists=parts.lists,
            refusals=parts.audit.refusals,
        ),
        operators=OperatorsService(administration=config.administration, register=register, records=store.records),
        consignments=ConsignmentsService(tracer=ConsignmentTracer(store.views), records=store.records),
        requests=in_hand.requests,
        alerts=in_hand.alerts,
        recognition=recognition,
        reliances=back.reliances,
        recalls=back.recalls,
        statistics=back.statistics,
        links=links,
        trust=TrustService(keeper, officers),
        proposals=ProposalsService(officers),
        audit=parts.audit.service,
        keys=parts.trusting.keys_service(parts.switchboard),
        partners=parts.trusting.partners_service(parts.switchboard),
        offers=parts.trusting.offers_service(officers),
        incidents=parts.trusting.incidents_service(),
    )
