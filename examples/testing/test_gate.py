"""The gate against real gateways of partners, honest and not: pytest test_gate.py

The fixture ``mock_network`` comes with the gateway's package: pip install "mutual-recognition-gateway[mock]"
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import gate
import pytest

OF_CN = ("MSKU3841906", "6CN1234567890PO44712")
OF_XA = ("SUDU5620472", "6XA1234567890PO44713")


def control(container: str, ucr: str) -> dict[str, object]:
    """An x-ray an hour ago, nothing found, sealed afterwards; as docs/records describes it."""
    begun = datetime.now(UTC) - timedelta(hours=1)
    return {
        "header": {
            "purpose": "PURPOSE_SECURITY_RISK",
            "subject": {"consignment": {"container_numbers": [container]}},
        },
        "inspection_outcome": {
            "control_id": f"of-{container}",
            "consignment": {"container_numbers": [container], "ucr": ucr},
            "started_at": begun.isoformat(),
            "ended_at": (begun + timedelta(minutes=10)).isoformat(),
            "reason": "CONTROL_REASON_OWN_SELECTION",
            "methods": [{"kind": "METHOD_KIND_NII_XRAY", "xray": {"energy_mev": 6.0}}],
            "conclusion": "CONCLUSION_NO_DISCREPANCY",
            "seals_after": [
                {"number": "S0047821", "seal_class": "SEAL_CLASS_HIGH_SECURITY", "container_number": container}
            ],
            "coverage": {"extent": "COVERAGE_EXTENT_WHOLE_CONTAINER"},
        },
    }


def test_goods_that_a_partner_has_controlled_need_a_look_at_the_seal(mock_network):
    with mock_network["NL"].channel() as gateway:
        assert gate.what_to_do(gateway, *OF_CN) == gate.EXAMINE
        mock_network["CN"].state(control(*OF_CN))
        mock_network.quiet()
        assert gate.what_to_do(gateway, *OF_CN) == gate.CHECK_SEAL


def test_what_a_partner_could_not_say_yet_is_not_relied_on(mock_network):
    mock_network.cut("CN", "NL")
    mock_network["CN"].state(control(*OF_CN))
    with mock_network["NL"].channel() as gateway:
        assert gate.what_to_do(gateway, *OF_CN) == gate.EXAMINE
        mock_network.heal("CN", "NL")
        mock_network.quiet()
        assert gate.what_to_do(gateway, *OF_CN) == gate.CHECK_SEAL


@pytest.mark.mock_network(members=("NL", "CN", "XA"), behaviours={"XA": ["fork"]})
def test_a_partner_with_two_histories_is_not_relied_on_and_others_are(mock_network):
    mock_network["CN"].state(control(*OF_CN))
    mock_network["XA"].state(control(*OF_XA))
    mock_network.wait_until_suspended("NL", "XA")
    mock_network.quiet()
    assert "fork" in {each.behaviour for each in mock_network.trace()}
    with mock_network["NL"].channel() as gateway:
        assert gate.what_to_do(gateway, *OF_XA) == gate.EXAMINE
        assert gate.what_to_do(gateway, *OF_CN) == gate.CHECK_SEAL


def test_a_system_with_an_event_loop_goes_on_while_it_waits(mock_network):
    async def story():
        mock_network["CN"].state(control(*OF_CN))
        await asyncio.to_thread(mock_network.quiet)
        async with mock_network["NL"].aio_channel() as gateway:
            await gateway.channel_ready()

    asyncio.run(story())
