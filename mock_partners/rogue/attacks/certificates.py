"""Who calls with another certificate than its own (section 11), or as no TLS client does."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from dataclasses import replace
from datetime import timedelta
from typing import Final

from cryptography.x509.oid import ExtendedKeyUsageOID

from mock_partners.rogue import certificates
from mock_partners.rogue.attack import attack
from mock_partners.rogue.calls import SERVICE, call
from mock_partners.rogue.certificates import Authority, Credential, Leaf
from mock_partners.rogue.heard import Heard, refuses, turns_away
from mock_partners.rogue.link import SECONDS, Link

_DOCUMENTS: Final = f"{SERVICE}GetDocuments"


async def _shown(link: Link, credential: Credential) -> Heard:
    """Call with a certificate."""
    heard, _ = await call(link, _DOCUMENTS, b"", credential=credential)
    return heard


async def _issued(link: Link, said: Leaf) -> Heard:
    """Call with a certificate from the rogue's own authority, which the partner trusts for the rogue."""
    return await _shown(link, link.identity.authority.issue(said))


def _own(link: Link) -> Leaf:
    return Leaf.of(link.identity.domain)


@attack("R-TLS-03 R-TLS-06", turns_away(), audited=True)
async def certificate_of_another(link: Link) -> Heard:
    """Calls as another partner of the gateway's, with a certificate from its own authority."""
    return await _issued(link, Leaf.of("customs.cn.example"))


@attack("R-TLS-03 R-TLS-06", turns_away(), audited=True)
async def certificate_of_the_partner(link: Link) -> Heard:
    """Calls as the gateway itself, with a certificate from its own authority."""
    return await _issued(link, Leaf.of(link.partner.domain))


@attack("R-TLS-03 R-TLS-06", turns_away(), audited=True)
async def certificate_of_nobody(link: Link) -> Heard:
    """Calls as an administration that the gateway does not know."""
    return await _issued(link, Leaf.of("customs.nowhere.example"))


@attack("R-TLS-02", turns_away())
async def certificate_expired(link: Link) -> Heard:
    """Calls with a certificate that has expired."""
    return await _issued(link, certificates.expired(link.identity.domain))


@attack("R-TLS-02", turns_away())
async def certificate_not_yet_valid(link: Link) -> Heard:
    """Calls with a certificate that is not valid before tomorrow."""
    return await _issued(link, replace(_own(link), begins=timedelta(days=1)))


@attack("R-TLS-03", turns_away())
async def certificate_by_itself(link: Link) -> Heard:
    """Calls with a certificate that is signed by its own key."""
    return await _shown(link, link.identity.authority.issue(_own(link), self_signed=True))


@attack("R-TLS-03", turns_away())
async def certificate_by_another_authority(link: Link) -> Heard:
    """Calls with a good certificate from an authority that no descriptor names."""
    return await _shown(link, Authority.new(link.identity.domain).good(link.identity.domain))


@attack("R-TLS-02 R-TLS-08", refuses("IDENTITY_MISMATCH"), audited=True)
async def certificate_for_another_host(link: Link) -> Heard:
    """Calls with a certificate whose DNS name is another's."""
    return await _issued(link, replace(_own(link), hosts=("gateway.customs.cn.example",)))


@attack("R-TLS-02", turns_away(), audited=True)
async def certificate_for_two(link: Link) -> Heard:
    """Calls with a certificate that names two administrations."""
    said = _own(link)
    return await _issued(link, replace(said, uris=(*said.uris, "spiffe://customs.cn.example/gateway/1")))


@attack("R-TLS-02", turns_away(), audited=True)
async def certificate_of_a_client(link: Link) -> Heard:
    """Calls with a certificate that names a national client, not a gateway."""
    return await _issued(link, replace(_own(link), uris=(f"spiffe://{link.identity.domain}/client/1",)))


@attack("R-TLS-02", turns_away())
async def certificate_for_servers_alone(link: Link) -> Heard:
    """Calls with a certificate that may not call."""
    return await _issued(link, replace(_own(link), usages=(ExtendedKeyUsageOID.SERVER_AUTH,)))


@attack("R-TLS-02", turns_away())
async def certificate_of_an_authority(link: Link) -> Heard:
    """Calls with the certificate of an authority."""
    return await _issued(link, replace(_own(link), authority=True))


# --- as no client does ----------------------------------------------------------------------------------------


async def _raw(link: Link, context: ssl.SSLContext | None, junk: bytes) -> Heard:
    """Connect, with this TLS or none, send bytes and read to the end: whatever comes, it must be no gRPC answer."""
    host, _, port = link.address.rpartition(":")
    name = f"gateway.{link.partner.domain}" if context else None
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname=name)
            writer.write(junk)
            came = await reader.read(1 << 20)
            while came and (more := await reader.read(1 << 20)):
                came += more
            writer.close()
    except TimeoutError:
        return Heard(went_on=True, detail="The connection stayed open.")
    except (ssl.SSLError, ConnectionError, socket.gaierror):
        return Heard(status="UNAVAILABLE", detail="The line was cut.")
    spoke = b"grpc-status" in came or b"application/grpc" in came
    return Heard(went_on=spoke, status="UNAVAILABLE", detail=f"{len(came)} bytes came, then the line was cut.")


def _tls(link: Link, *, certificate: bool) -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=link.anchors_pem.decode())
    context.set_alpn_protocols(["h2"])
    if certificate:
        link.credential.load_into(context)
    return context


@attack("R-TLS-01 R-TLS-06", turns_away())
async def no_certificate(link: Link) -> Heard:
    """Shakes hands without a certificate, and speaks HTTP/2 at once."""
    return await _raw(link, _tls(link, certificate=False), _PREFACE)


@attack("R-TLS-01", turns_away())
async def plain_text(link: Link) -> Heard:
    """Speaks HTTP/2 without TLS."""
    return await _raw(link, None, _PREFACE)


@attack("R-TLS-01", turns_away())
async def old_tls(link: Link) -> Heard:
    """Shakes hands with TLS 1.2 at most."""
    context = _tls(link, certificate=True)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    return await _raw(link, context, _PREFACE)


@attack("R-TLS-01", turns_away())
async def junk_for_a_handshake(link: Link) -> Heard:
    """Sends chance where a handshake is due."""
    return await _raw(link, None, b"\x16\x03\x01\x02\x00" + os.urandom(512))


@attack("R-TLS-01", turns_away())
async def junk_in_the_connection(link: Link) -> Heard:
    """Shakes hands well, and then sends chance where HTTP/2 is due."""
    return await _raw(link, _tls(link, certificate=True), os.urandom(64 * 1024))


_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00\x00\x00\x00\x00"
