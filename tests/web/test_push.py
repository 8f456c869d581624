"""The push of board changes to one screen, on the real store: nothing falls between two reads, no error ends it."""

import asyncio
from contextlib import aclosing

import pytest
from run_async import run_async

from warroom.store import keys
from warroom.web import stream
from warroom.web.stream import Hub


@pytest.fixture
def put(store):
    def do(seq, **fields):
        store.xadd(keys.BOARD_STREAM, {"delta": f'{{"seq":{seq}}}', "seq": seq} | fields)

    return do


@pytest.fixture
def seen(server, store, monkeypatch):
    """What one screen is sent until a part holds `last`, and the beats that fell due at each read of the store.

    `between` runs after each read that brought nothing.
    """
    monkeypatch.setattr(stream, "BEAT_S", 0.05)
    store.set(keys.BOARD, b'{"seq":0}')

    def do(between, last):
        async def watch():
            hub, reads, parts, beats = Hub(server.url), iter(range(1_000)), [], []
            xread = hub._redis.xread

            async def read(streams, block, count):
                beats.append(hub._beat().decode())
                reply = await xread(streams, block=10, count=count)
                if not reply:
                    between(next(reads))
                return reply

            hub._redis.xread = read
            async with aclosing(hub.subscribe()) as screen:
                async for part in screen:
                    parts.append(part.decode())
                    if last in parts[-1]:
                        break
            hub._task.cancel()
            await hub._redis.aclose()
            return parts, beats

        return run_async(asyncio.wait_for(watch(), 60))

    return do


def test_a_change_between_two_reads_reaches_the_screen(seen, put):
    parts, _ = seen(lambda read: put(read + 1), '"seq":3')
    assert [part for part in parts if "event: delta" in part] == [
        f'id: {n}\nevent: delta\ndata: {{"seq":{n}}}\n\n' for n in (1, 2, 3)
    ]


def test_an_entry_that_nobody_can_read_is_said_and_the_next_ones_come(seen, put, caplog):
    def between(read):
        put(read + 1, **({"seq": "x"} if read == 0 else {}))

    _, beats = seen(between, '"seq":2')
    assert ['"store":"down"' in beat for beat in beats].count(True) == 1
    assert "push: the board's stream holds what cannot be read" in caplog.text
