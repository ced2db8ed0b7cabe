"""Puts together what decides about trust: who is believed, with which certificate, and who has lost it.

``app`` opens a node; what it needs for its links' and callers' trust is built here.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.config import Config
from gateway.exchange.four_eyes import FourEyes
from gateway.exchange.incident_export import IncidentExport
from gateway.exchange.offers import Offers
from gateway.exchange.plans import Plans
from gateway.exchange.trust_keeper import TrustKeeper
from gateway.node_files import ClientsFile, NodeFiles, PresentSigners
from gateway.ports.links import LinkLogs
from gateway.ports.world import Clock, Randomness
from gateway.rpc.catching_up import CatchingUp
from gateway.rpc.clients import Clients
from gateway.rpc.dialer import Dialer, Reach, as_named
from gateway.rpc.doors import Callers
from gateway.rpc.federation_service import FederationService
from gateway.rpc.held_versions import HeldVersions
from gateway.rpc.histories import HistoryGiver
from gateway.rpc.identity import PeerCheck, PeerIdentity
from gateway.rpc.incidents_service import IncidentsService
from gateway.rpc.keys_service import KeysService
from gateway.rpc.link_ends import Between
from gateway.rpc.link_maker import LinkMaker, LinkSigners
from gateway.rpc.offers_service import OffersService
from gateway.rpc.open_calls import OpenCalls, Shares
from gateway.rpc.own_identity import OwnIdentity
from gateway.rpc.partners_service import PartnersService
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.switchboard import Switchboard
from gateway.rpc.timekeeper import Timekeeper
from gateway.rpc.turns import Turns
from gateway.stores.sqlite.store import SqliteStore
from gateway.trust.book import TrustBook


@dataclass(frozen=True, slots=True)
class Trusting:
    """What partners are shown, how theirs is checked, what they hold of ours, what is planned, who may call."""

    config: Config
    store: SqliteStore
    keeper: TrustKeeper
    clock: Clock
    peers: PeerCheck
    held: HeldVersions
    identity: OwnIdentity
    plans: Plans
    signers: PresentSigners
    clients: Clients
    clients_file: ClientsFile
    client_anchors: tuple[bytes, ...]
    calls: OpenCalls
    dialer: Dialer | None
    catching_up: CatchingUp | None
    offers: Offers
    turns: Turns

    @classmethod
    async def of(
        cls,
        config: Config,
        files: NodeFiles,
        keeper: TrustKeeper,
        store: SqliteStore,
        clock: Clock,
        *,
        reach: Reach = as_named,
    ) -> Trusting:
        """Read what the files and the store have; ``reach`` is how partners are dialled."""
        held = HeldVersions(store.waiting)
        await held.load()

        def book() -> TrustBook:
            return keeper.book

        anchors = tuple(files.client_anchors())
        clients = Clients(files.clients(), domain=config.domain, anchors=anchors)
        identity = OwnIdentity(read=files.gateway_identities, book=book, held=held.of, clock=clock)
        peers = PeerCheck(book=book, clock=clock)
        shown = identity.towards
        dialer = Dialer(book=book, peers=peers, identity=shown, reach=reach) if config.peer.dial else None
        return cls(
            config=config,
            store=store,
            keeper=keeper,
            clock=clock,
            peers=peers,
            held=held,
            identity=identity,
            plans=Plans(keeper=keeper, waiting=store.waiting, clock=clock),
            signers=PresentSigners(files),
            clients=clients,
            clients_file=ClientsFile(files, clients),
            client_anchors=anchors,
            calls=OpenCalls(),
            dialer=dialer,
            catching_up=CatchingUp(dialer=dialer, keeper=keeper, clock=clock) if dialer else None,
            offers=Offers(keeper=keeper, waiting=store.waiting, clock=clock),
            turns=Turns(clock.monotonic),
        )

    def switchboard(self, logs: LinkLogs, randomness: Randomness, between: Between) -> Switchboard:
        """Build what owns the links."""
        keeper, clock = self.keeper, self.clock
        maker = LinkMaker(
            limits=self.config.links.limits,
            times=self.config.links.times,
            signers=self.signers,
            book=lambda: keeper.book,
            logs=logs,
            clock=clock,
            randomness=randomness,
            turns=self.turns,
        )
        return Switchboard(
            make_pump=maker.make_pump,
            dialer=self.dialer,
            catch_up=self.catching_up,
            logs=logs,
            held=self.held,
            clock=clock,
            randomness=randomness,
            between=between,
        )

    def callers(self, switchboard: Switchboard, refusals: RefusalLog) -> Callers:
        """Say how each door knows who calls."""
        keeper = self.keeper

        def partners_anchors() -> list[bytes]:
            """Own ones too: TLS needs at least one, and our own certificate names no partner."""
            book = keeper.book
            return [der for each in (book.own, *book.partners) for der in book.descriptor_of(each).anchors]

        return Callers(
            peer=PeerIdentity(check=self.peers, suspended=switchboard.suspended, told_why=switchboard.told_why),
            peer_anchors=partners_anchors,
            clients=self.clients,
            client_anchors=self.client_anchors,
            refusals=refusals,
            calls=self.calls,
            shares=Shares(self.clock.monotonic),
        )

    def keys_service(self, switchboard: Switchboard) -> KeysService:
        """Build the service for this administration's own keys."""

        def read_files() -> LinkSigners:
            self.identity.reload()
            self.clients_file.read()
            return self.signers.read()

        return KeysService(plans=self.plans, read_keys=read_files, renew=switchboard.renew, clock=self.clock)

    def partners_service(self, switchboard: Switchboard) -> PartnersService:
        """Build the service for partners."""
        return PartnersService(
            keeper=self.keeper, logs=self.store.logs, switchboard=switchboard, held=self.held.of, clock=self.clock
        )

    def offers_service(self, officers: FourEyes) -> OffersService:
        """Build the service for documents that wait for officers."""
        send = self.catching_up.offer if self.catching_up else None
        return OffersService(offers=self.offers, officers=officers, book=lambda: self.keeper.book, send=send)

    def incidents_service(self) -> IncidentsService:
        """Build the service for what links were suspended for."""
        return IncidentsService(IncidentExport(incidents=self.store.incidents, book=lambda: self.keeper.book))

    def federation_service(self, switchboard: Switchboard, peers: PeerIdentity) -> FederationService:
        """Build the door for partners."""
        return FederationService(
            switchboard=switchboard,
            identity=peers,
            keeper=self.keeper,
            offers=self.offers,
            histories=HistoryGiver(self.store.histories),
            clock=self.clock,
        )

    def add_duties(self, timekeeper: Timekeeper) -> None:
        """Have looked at the clock what must."""
        timekeeper.add("planned descriptors", self.plans.tick)
        timekeeper.add("registered clients", self.clients_file.tick)
        timekeeper.add("callers of open calls", self.calls.look_again)
