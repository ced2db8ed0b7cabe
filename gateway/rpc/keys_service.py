"""``operations.v1.KeysService``: this administration's own descriptor, keys and certificates while the node runs."""

from __future__ import annotations

from collections.abc import Callable

from gateway.exchange.plans import Plans
from gateway.exchange.signing import signers_at
from gateway.ports.world import Clock
from gateway.rpc.guard import CALLER, Context
from gateway.rpc.link_maker import LinkSigners
from gateway.trust.descriptors import parse_descriptor
from gateway.trust.documents import read_document
from mutualrecognition.operations.v1 import keys_service_pb2 as pb
from mutualrecognition.operations.v1.keys_service_pb2_grpc import KeysServiceServicer


class KeysService(KeysServiceServicer):
    """Takes what the operator has made outside the node.

    ``read_keys`` reads the key files again and gives what is there; ``renew`` opens every link
    anew, with the keys and certificates of the moment.
    """

    def __init__(
        self, *, plans: Plans, read_keys: Callable[[], LinkSigners], renew: Callable[[], None], clock: Clock
    ) -> None:
        self._plans = plans
        self._read_keys = read_keys
        self._renew = renew
        self._clock = clock

    async def PublishDescriptor(  # noqa: N802
        self,
        request: pb.PublishDescriptorRequest,
        context: Context,  # noqa: ARG002
    ) -> pb.PublishDescriptorResponse:
        """Take the next version into force, unless this node could not sign under it."""
        signers, now = self._read_keys(), self._clock.now()
        descriptor = parse_descriptor(read_document(request.descriptor).text)
        begins = max(now, descriptor.issued)
        signers_at(signers.log, descriptor.log_keys, begins)
        signers_at(signers.receipt, descriptor.receipt_keys, begins)
        await self._plans.publish(request.descriptor, by=CALLER.get().name, replace=request.replace_planned)
        answer = pb.PublishDescriptorResponse(version=descriptor.version)
        if descriptor.issued > now:
            answer.in_force_from.seconds = descriptor.issued
        return answer

    async def ReloadKeys(self, request: pb.ReloadKeysRequest, context: Context) -> pb.ReloadKeysResponse:  # noqa: ARG002, N802
        """Use what lies in the files now."""
        self._read_keys()
        self._renew()
        return pb.ReloadKeysResponse()
