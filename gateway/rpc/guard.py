"""One handler through which every call of a port passes.

1. Identify the caller (a function of the port: certificate of a partner, certificate or token of a national client).
2. Look the method up in the access table. Who is refused up to here is in the audit log.
3. Parse the request, not before: a stranger learns nothing from what a parser says. Run the handler, with the caller
   in ``CALLER``; on the peer port as long as the partner has not had its share, else that is in the audit log too. A
   caller that is struck out meanwhile is cut off (``open_calls``).
4. Turn an error of ``gateway.errors`` into a status; anything else is a bug, logged whole, told as INTERNAL. A
   stranger on the peer port is told UNAUTHENTICATED and no more. Who is refused there again and again is answered
   slowly (``Shares.seconds_until_refusal``).
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, NoReturn

import grpc
import structlog
from google.protobuf.message import DecodeError

from gateway.errors import GatewayError, Malformed, NotPermitted, Ours, ShareSpent, Unauthenticated
from gateway.rpc.access import require_access
from gateway.rpc.call_names import name_in
from gateway.rpc.clients import Caller
from gateway.rpc.open_calls import OpenCall, OpenCalls, Shares
from gateway.rpc.refusal_log import RefusalLog
from gateway.rpc.status import status_of

Context = grpc.aio.ServicerContext[Any, Any]
Identify = Callable[[Context], Caller]

CALLER: ContextVar[Caller] = ContextVar("caller")
CORRELATION: ContextVar[str] = ContextVar("correlation", default="")
"""The name that a partner gave its call, or what a handler sets whose work has an id, as a link session has.

A refusal is told and logged under it.
"""

SESSIONS: Final = "/mutualrecognition.federation.v1.FederationService/Link"

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Call:
    """One method behind the guard."""

    method: str
    identify: Identify
    refusals: RefusalLog
    calls: OpenCalls
    shares: Shares | None

    def admit(self, context: Context, *, served: bool = True) -> None:
        """Let a caller in, or raise why not: it stands on the path of every call, so what only refusals need is theirs.

        Raises:
            GatewayError: with the name of the caller, where it is known.
        """
        if self.shares is not None:  # the peer port, where every call bears a name
            CORRELATION.set(name_in(context.invocation_metadata()))
        caller = self.identify(context)
        if served:
            try:
                require_access(self.method, caller.roles, caller.name)
            except GatewayError as error:
                error.caller = caller.name
                raise
        CALLER.set(caller)

    def under_way(self, context: Context) -> AbstractContextManager[None]:
        """Know of the call while its handler runs; sessions of links look for themselves whether they may go on."""
        call = self.calls.under_way(None if self.method == SESSIONS else partial(self._look, context))
        return call if self.shares is None else self._with_share(self.shares, context, call)

    @contextmanager
    def _with_share(self, shares: Shares, context: Context, call: OpenCall) -> Iterator[None]:
        with shares.taken(CALLER.get().name, context.peer()), call:
            yield

    def _look(self, context: Context) -> None:
        caller = self.identify(context)
        require_access(self.method, caller.roles, caller.name)

    async def refuse(self, context: Context, error: Exception) -> NoReturn:
        if isinstance(error, DecodeError):
            error = Malformed("The bytes that came are no message of this method.")
        caller = CALLER.get(None)  # None: it was not let in
        if isinstance(error, GatewayError) and (caller is None or isinstance(error, ShareSpent)):
            name = error.caller if caller is None else caller.name
            await self.refusals.note(error, method=self.method, caller=name, address=context.peer())
        if self.shares is not None and isinstance(error, ShareSpent | Unauthenticated | NotPermitted):
            await asyncio.sleep(self.shares.seconds_until_refusal(error.caller if caller is None else caller.name))
        correlation_id = CORRELATION.get() or name_in(context.invocation_metadata()) or uuid.uuid4().hex
        log = _log.bind(method=self.method, peer=context.peer(), correlation_id=correlation_id)
        if isinstance(error, GatewayError) and not isinstance(error, Ours):
            log.info("call refused", reason=error.reason, sentence=error.sentence)
        else:
            log.error("call failed", exc_info=error)
        told = error if isinstance(error, GatewayError) else Ours("Something went wrong inside this node.")
        await context.abort_with_status(status_of(told, correlation_id))
        raise AssertionError("abort raises")


class Guard(grpc.GenericRpcHandler):
    """All that gRPC knows of a port: services are added to it as they would be to the server.

    An interceptor would do the same with two coroutines more for each call.
    """

    def __init__(
        self, identify: Identify, refusals: RefusalLog, calls: OpenCalls, shares: Shares | None = None
    ) -> None:
        self._identify = identify
        self._refusals = refusals
        self._calls = calls
        self._shares = shares
        self._behind: list[grpc.GenericRpcHandler] = []
        self._guarded: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[grpc.GenericRpcHandler]) -> None:
        """Take a service, from the function that is generated to add it."""
        self._behind.extend(handlers)

    def add_registered_method_handlers(self, service_name: str, method_handlers: object) -> None:
        """Take nothing: of methods that are registered one by one, gRPC looks at every one for each call."""

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler[Any, Any]:
        """Wrap the handler, once for each method; that nobody serves one, callers alone hear."""
        method = handler_call_details.method
        if (known := self._guarded.get(method)) is not None:
            return known
        call = _Call(method, self._identify, self._refusals, self._calls, self._shares)
        for each in self._behind:
            if (handler := each.service(handler_call_details)) is not None:
                guarded = self._guarded[method] = _guarded(handler, call)
                return guarded
        return _absent(call)  # any number of names may be asked for: nothing of them is kept


def _absent(call: _Call) -> grpc.RpcMethodHandler[Any, Any]:
    async def absent(_requests: object, context: Context) -> AsyncIterator[bytes]:
        try:
            call.admit(context, served=False)
        except Exception as error:  # noqa: BLE001
            await call.refuse(context, error)
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, "There is no such method here.")
        yield b""

    return grpc.stream_stream_rpc_method_handler(absent)


def _guarded(handler: Any, call: _Call) -> grpc.RpcMethodHandler[Any, Any]:  # noqa: ANN401  grpc's own is untyped
    makers = {
        (False, False): (grpc.unary_unary_rpc_method_handler, handler.unary_unary, _guard_unary),
        (False, True): (grpc.unary_stream_rpc_method_handler, handler.unary_stream, _guard_stream),
        (True, False): (grpc.stream_unary_rpc_method_handler, handler.stream_unary, _guard_unary),
        (True, True): (grpc.stream_stream_rpc_method_handler, handler.stream_stream, _guard_stream),
    }
    make, behaviour, guard = makers[(handler.request_streaming, handler.response_streaming)]
    parse = handler.request_deserializer
    at_once = not handler.request_streaming  # gRPC would parse it before anybody has asked who calls
    return make(
        guard(behaviour, call, parse if at_once else _as_it_came),
        request_deserializer=None if at_once else parse,
        response_serializer=handler.response_serializer,
    )


def _as_it_came(requests: Any) -> Any:  # noqa: ANN401
    return requests


def _guard_unary(behaviour: Any, call: _Call, parse: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    async def guarded(request: Any, context: Context) -> Any:  # noqa: ANN401
        try:
            call.admit(context)
            with call.under_way(context):
                return await behaviour(parse(request), context)
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001  the last place where one can be told
            await call.refuse(context, error)

    return guarded


def _guard_stream(behaviour: Any, call: _Call, parse: Callable[[Any], Any]) -> Any:  # noqa: ANN401
    async def guarded(request: Any, context: Context) -> AsyncIterator[Any]:  # noqa: ANN401
        try:
            call.admit(context)
            with call.under_way(context):
                async for response in behaviour(parse(request), context):
                    yield response
        except grpc.aio.AbortError:
            raise
        except Exception as error:  # noqa: BLE001
            await call.refuse(context, error)

    return guarded
