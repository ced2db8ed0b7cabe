"""Receipts that do not hold (section 8). The partner's log has something for the rogue, because it judges nonsense."""

from __future__ import annotations

from collections.abc import Callable

from mock_partners.rogue.attack import attack
from mock_partners.rogue.heard import Heard, ends, goes_on
from mock_partners.rogue.link import Link
from mock_partners.rogue.notes import NOTE, RECEIPT, Key, text_of
from mutualrecognition.federation.v1 import link_pb2 as pb

_Lines = Callable[[str, bytes], bytes]


async def _receipted(link: Link, make: _Lines, *, more: int = 0) -> Heard:
    """Give a receipt for what the partner sends, with the lines that ``make`` gives for a name and a checkpoint."""
    async with link.open() as session:
        batch = await session.unreceipted()
        lines = make(f"{link.identity.domain}/receipts", text_of(batch.checkpoint))
        size = batch.first + len(batch.entries) + more
        await session.say(pb.LinkFrame(receipt=pb.Receipt(size=size, lines=lines)))
        return await session.goes_on()


@attack("R-BAT-12", ends("MALFORMED"))
async def receipt_for_too_much(link: Link) -> Heard:
    """Gives a receipt, well signed, for more entries than it got."""
    return await _receipted(
        link, lambda name, text: link.identity.receipt.cosignature(name, text, link.now()), more=1000
    )


@attack("R-BAT-12", ends("MALFORMED"))
async def receipt_for_nothing(link: Link) -> Heard:
    """Gives a receipt where nothing was sent."""
    async with link.open() as session:
        receipt = pb.Receipt(size=2**63, lines=b"")
        await session.say(pb.LinkFrame(receipt=receipt))
        return await session.goes_on()


@attack("R-BAT-12", goes_on())
async def receipt_for_what_is_receipted(link: Link) -> Heard:
    """Gives a receipt without a signature for a size that was receipted before."""
    async with link.open() as session:
        await session.say(pb.LinkFrame(receipt=pb.Receipt(size=0, lines=b"nonsense")))
        return await session.goes_on()


@attack("R-RCT-02", ends("SIGNATURE_INVALID"))
async def receipt_without_lines(link: Link) -> Heard:
    """Gives a receipt that nobody has signed."""
    return await _receipted(link, lambda _name, _text: b"")


@attack("R-RCT-01 R-BAT-12", ends("SIGNATURE_INVALID"))
async def receipt_in_anothers_name(link: Link) -> Heard:
    """Signs a receipt with the right key, under another administration's name."""
    return await _receipted(
        link, lambda _, text: link.identity.receipt.cosignature("customs.xy.example/receipts", text, link.now())
    )


@attack("R-BAT-12", ends("SIGNATURE_INVALID"))
async def receipt_for_another_root(link: Link) -> Heard:
    """Signs a receipt for another root than the partner's."""

    def make(name: str, text: bytes) -> bytes:
        of, size, _ = text.decode().splitlines()
        other = f"{of}\n{size}\n{'A' * 43}=\n".encode()
        return link.identity.receipt.cosignature(name, other, link.now())

    return await _receipted(link, make)


@attack("R-KEY-03 R-RCT-01", ends("SIGNATURE_INVALID"))
async def receipt_by_log_key(link: Link) -> Heard:
    """Signs a receipt with its log key."""
    key = Key(RECEIPT, link.identity.log.seed)
    return await _receipted(link, lambda name, text: key.cosignature(name, text, link.now()))


@attack("R-RCT-02", ends("SIGNATURE_INVALID"))
async def receipt_without_time(link: Link) -> Heard:
    """Signs a receipt as if it were a checkpoint: a line of type 0x01, which states no time."""
    key = Key(NOTE, link.identity.receipt.seed)
    return await _receipted(link, key.line)


@attack("R-RCT-05", ends("CLOCK_SKEW"))
async def receipt_in_the_future(link: Link) -> Heard:
    """Signs a receipt with a time 301 s ahead."""
    return await _receipted(link, lambda name, text: link.identity.receipt.cosignature(name, text, link.now() + 301))


@attack("R-RCT-04", ends("MALFORMED"))
async def receipts_going_back_in_time(link: Link) -> Heard:
    """Signs a receipt with an earlier time than the one before it."""
    async with link.open() as session:  # one honest receipt first
        await session.judged(await session.deliver(b"unreadable"))
        await session.goes_on()
    return await _receipted(link, lambda name, text: link.identity.receipt.cosignature(name, text, link.now() - 100))


@attack("R-HEL-08 R-RCT-05", ends("CLOCK_SKEW"))
async def receipt_in_the_future_in_hello(link: Link) -> Heard:
    """Holds back a receipt, and shows it in the next Hello with a time an hour ahead."""
    async with link.open() as session:
        batch = await session.unreceipted()
    own = link.identity
    lines = own.receipt.cosignature(f"{own.domain}/receipts", text_of(batch.checkpoint), link.now() + 3600)
    hello = link.hello()
    hello.held.checkpoint = batch.checkpoint + lines
    async with link.connected() as session:
        await session.greet(hello)
        return await session.goes_on()
