"""Rules of advance data on a consignment."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.records.rules.across import Holds
from mutualrecognition.records.v1.consignment_data_pb2 import ConsignmentData, Party, TransportEquipment
from mutualrecognition.records.v1.screening_result_pb2 import DATA_COMPLETENESS_PARTIAL


def hs_edition_stated(data: ConsignmentData) -> bool:
    """A code means one thing in one edition of the Harmonized System and another in the next."""
    return bool(data.hs_edition) or not any(item.hs_code for item in data.goods)


def amount_with_currency(data: ConsignmentData) -> bool:
    """An amount has a currency."""
    return bool(data.invoice_amount) == bool(data.invoice_currency)


def items_told_apart(data: ConsignmentData) -> bool:
    """Every item has a number of its own."""
    return len({item.sequence for item in data.goods}) == len(data.goods)


def missing_elements_told(data: ConsignmentData) -> bool:
    """Partial data say what is missing."""
    return (data.completeness == DATA_COMPLETENESS_PARTIAL) == bool(data.missing_elements)


def links_change_level(data: ConsignmentData) -> bool:
    """A house belongs to a master and a master to its houses, never to its equals."""
    return not any(link.level and link.level == data.level for link in data.links)


def party_named(party: Party) -> bool:
    """A party has a name or a number."""
    return bool(party.name or party.id)


def seals_counted(equipment: TransportEquipment) -> bool:
    """There are at least as many seals as are listed."""
    return not equipment.HasField("seal_count") or len(equipment.seals) <= equipment.seal_count


SAID: Mapping[str, Holds] = {
    "consignment_data.hs_edition": hs_edition_stated,
    "consignment_data.invoice": amount_with_currency,
    "consignment_data.item_twice": items_told_apart,
    "consignment_data.missing_elements": missing_elements_told,
    "consignment_data.link_level": links_change_level,
    "party.empty": party_named,
    "transport_equipment.seal_count": seals_counted,
}
