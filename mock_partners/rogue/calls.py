"""Calls beside a session, and what was heard of each."""

from __future__ import annotations

import grpc

from mock_partners.rogue.certificates import Credential
from mock_partners.rogue.heard import Heard
from mock_partners.rogue.link import SECONDS, Link
from mock_partners.rogue.session import Session, reason_of
from mutualrecognition.federation.v1 import link_pb2 as pb

SERVICE = "/mutualrecognition.federation.v1.FederationService/"


def _as_it_is(message: bytes) -> bytes:
    return message


async def call(
    link: Link, method: str, message: bytes, *, credential: Credential | None = None, limit: float = SECONDS
) -> tuple[Heard, bytes]:
    """Make one unary call with these very bytes; gives what was heard and what was answered."""
    async with link.channel(credential) as channel:
        made = channel.unary_unary(method, request_serializer=_as_it_is, response_deserializer=_as_it_is)
        try:
            return Heard(went_on=True, status="OK"), await made(message, timeout=limit)
        except grpc.aio.AioRpcError as error:
            return heard_of(error), b""


def heard_of(error: grpc.aio.AioRpcError) -> Heard:
    """Say what a failed call told."""
    reason, details = reason_of(error.trailing_metadata()), error.details() or ""
    return Heard("", error.code().name, reason, details, told=f"{reason} {details}".strip())


async def offer(link: Link, note: bytes) -> Heard:
    """Offer a document; one that is taken or waits has gone through."""
    heard, answer = await call(link, f"{SERVICE}OfferDocument", pb.OfferDocumentRequest(note=note).SerializeToString())
    if not heard.went_on:
        return heard
    outcome = pb.OfferOutcome.Name(pb.OfferDocumentResponse.FromString(answer).outcome)
    return Heard(went_on=True, status=outcome.removeprefix("OFFER_OUTCOME_"))


async def raw_session(link: Link, message: bytes) -> Heard:
    """Open a session whose next message is these very bytes."""
    async with link.channel() as channel:
        made = channel.stream_stream(f"{SERVICE}Link", request_serializer=_serialized, response_deserializer=_frame)
        session = Session(link, made(timeout=SECONDS))
        await session.greet()
        await session.say(message)
        return await session.over()


def _serialized(message: pb.LinkFrame | bytes) -> bytes:
    return message if isinstance(message, bytes) else message.SerializeToString()


def _frame(message: bytes) -> pb.LinkFrame:
    return pb.LinkFrame.FromString(message)
