"""Where goods travel in the made-up traffic: ports, corridors, goods, carriers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PORTS: Final = {
    "AUMEL": "Melbourne",
    "BEANR": "Antwerp",
    "BRSSZ": "Santos",
    "CNNGB": "Ningbo",
    "CNSHA": "Shanghai",
    "CNYTN": "Yantian",
    "DEHAM": "Hamburg",
    "GBFXT": "Felixstowe",
    "INMUN": "Mundra",
    "JPYOK": "Yokohama",
    "KEMBA": "Mombasa",
    "LKCMB": "Colombo",
    "MXZLO": "Manzanillo",
    "NLRTM": "Rotterdam",
    "NZTRG": "Tauranga",
    "USLAX": "Los Angeles",
    "USLGB": "Long Beach",
}
"""UN/LOCODEs that were compared with the published list, and the names of the places."""

SHIPPING_CODES: Final = (
    ("MSKU", "MAEU"),
    ("MSCU", "MSCU"),
    ("CMAU", "CMDU"),
    ("EGHU", "EGLV"),
    ("OOLU", "OOLU"),
    ("HLXU", "HLCU"),
    ("TCLU", "ONEY"),
    ("FSCU", "ZIMU"),
    ("TEMU", "COSU"),
)
"""Container prefixes, each with the code (SCAC) of a carrier whose bills of lading go with it here."""

IMO_NUMBERS: Final = ("9321483", "9454436", "9619907", "9703291", "9776171", "9811000")
"""Ship numbers with a valid check digit."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """A trade lane: goods leave ``origin`` for ``destination``; HS 2022 codes of what travels there."""

    origin: str
    destination: str
    goods: tuple[str, ...]


CORRIDORS: Final = {
    "CN": (
        Corridor("CNYTN", "NLRTM", ("851762", "854231", "847130", "950300")),
        Corridor("CNNGB", "NLRTM", ("610910", "940360", "732690", "392690")),
        Corridor("CNSHA", "USLGB", ("847130", "850440", "640299", "870899")),
        Corridor("CNYTN", "USLAX", ("851762", "950300", "851821", "420292")),
        Corridor("CNSHA", "NZTRG", ("730890", "841810", "401110")),
    ),
    "NL": (
        Corridor("NLRTM", "CNSHA", ("040221", "300490", "847989", "060110")),
        Corridor("NLRTM", "CNNGB", ("390120", "210690", "901890")),
        Corridor("NLRTM", "CNYTN", ("220300", "180690", "843359")),
    ),
    "US": (
        Corridor("USLGB", "CNSHA", ("120190", "270900", "880730", "392310")),
        Corridor("USLAX", "CNYTN", ("854231", "902780", "020329")),
        Corridor("USLGB", "CNNGB", ("470321", "841112", "100590")),
    ),
}
"""By the administration that controls on export and tells the others."""

OFFICES: Final = {
    "CN": ("CN5316", "CN2225", "CN3104"),
    "NL": ("NL000510", "NL000396"),
    "US": ("US2704", "US2709"),
}
"""Customs offices in each administration's own list."""


def corridors_of(issuer: str, partner: str = "") -> tuple[Corridor, ...]:
    """Give the corridors of an administration: those above, to ``partner`` alone where there are such.

    Else there is one between made-up ports, whose codes end in PRT and stand in no list.
    """
    known = CORRIDORS.get(issuer, ())
    fitting = tuple(each for each in known if not partner or each.destination[:2] == partner)
    if fitting:
        return fitting
    goods = ("610910", "851762", "090111", "732690")
    return (Corridor(_port(issuer), _port(partner or ("NL" if issuer != "NL" else "CN")), goods),)


def name_of(port: str) -> str:
    """Give a port's name, its code where it has none here."""
    return PORTS.get(port, port)


def offices_of(issuer: str) -> tuple[str, ...]:
    """Give an administration's offices: those above, or two made-up ones."""
    return OFFICES.get(issuer, (f"{issuer}000100", f"{issuer}000200"))


def _port(country: str) -> str:
    return next((port for port in PORTS if port[:2] == country), f"{country}PRT")
