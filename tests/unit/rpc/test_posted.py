"""What a posted officer is told of its request: nothing that the host says to its own, or hears from a third."""

from __future__ import annotations

import pytest

from gateway.rpc.request_messages import request_message
from gateway.views.requests import Gone, RequestLife, request_lives
from gateway.views.steps import read
from mutualrecognition.national.v1 import requests_service_pb2 as pb
from mutualrecognition.records.v1 import request_pb2 as requests
from tests.unit.views.asking import answered, asked, at_node, minute, moved
from tests.unit.views.making import record_id


def filed_at_nl(*, gone_says: str) -> RequestLife:
    """A request of an officer of CN at NL's node, accepted; then the goods have gone, as somebody says."""
    request = at_node(asked(1, 0, on_behalf_of="CN"), "NL")
    accepted = at_node(answered(2, 5, "ACCEPTED", issuer="NL", remark="for our own eyes"), "NL")
    loaded = at_node(moved(3, 10, issuer=gone_says), "NL")
    (before,) = request_lives([request, accepted], "NL", minute(30), {})
    (life,) = request_lives([request, accepted], "NL", minute(30), {before.key: (Gone(read(loaded), minute(10)),)})
    assert life.steps[-1].state == "OVERTAKEN"
    return life


@pytest.mark.parametrize(("gone_says", "named"), [("US", ""), ("NL", record_id(3))])
def test_what_a_third_administration_said_is_the_hosts_own_word(gone_says: str, named: str) -> None:
    life = filed_at_nl(gone_says=gone_says)
    told = request_message(life, to_posted=True)
    assert told.state == requests.REQUEST_STATE_OVERTAKEN
    gone = told.steps[-1].step
    assert (gone.by, gone.record_id, gone.ground) == ("NL", named, pb.STEP_GROUND_GOODS)
    assert not any(each.step.remark for each in told.steps)
    assert not told.HasField("answer")
    assert gone_says != "US" or b"US" not in told.SerializeToString()
    at_home = request_message(life)
    assert at_home.steps[-1].step.by == gone_says
    assert at_home.answer.record.control_answer.remark == "for our own eyes"
