"""Frames between stream and session: bounded by number and bytes, and nobody waits for ever."""

from __future__ import annotations

import asyncio

from gateway.rpc.waiting_room import WaitingRoom


async def entering(room: WaitingRoom, *sizes: int) -> tuple[list[int], asyncio.Task[None]]:
    """Let frames enter one after the other; gives those that are in, and the task of those that wait."""
    inside: list[int] = []

    async def read() -> None:
        for size in sizes:
            await room.enter(size)
            inside.append(size)

    task = asyncio.create_task(read())
    await asyncio.sleep(0)
    return inside, task


async def test_no_more_frames_than_there_is_room_for() -> None:
    room = WaitingRoom(frames=3, size_bytes=1000)
    inside, task = await entering(room, *[1] * 5)
    assert len(inside) == 3
    room.leave(1)
    await asyncio.sleep(0)
    assert (len(inside), room.frames) == (4, 3)
    room.leave(1)
    await task
    assert (room.frames, room.size_bytes) == (3, 3)


async def test_no_more_bytes_than_there_is_room_for_but_always_one_frame() -> None:
    room = WaitingRoom(frames=100, size_bytes=1000)
    inside, task = await entering(room, 5000, 10, 600, 500)
    assert inside == [5000]
    room.leave(5000)
    await asyncio.sleep(0)
    assert (inside, room.size_bytes) == ([5000, 10, 600], 610)
    room.leave(10)
    await asyncio.sleep(0)
    assert inside == [5000, 10, 600]
    room.leave(600)
    await task
