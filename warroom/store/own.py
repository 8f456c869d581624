"""What one source has reported of a few places, as it stands: for the one who sent it, and nobody else."""

from collections.abc import Iterable

import msgspec

from warroom.domain.readings import Judged, Reading, fold
from warroom.store import keys
from warroom.store.client import Client, as_text
from warroom.store.day import read_limits
from warroom.store.state import StateReader


def own_readings(client: Client, source: str, units: Iterable[str]) -> dict[str, list[Judged]]:
    """{unit: this source's readings with the tally's judgement, oldest first}; units without any are left out.

    A judgement needs all readings of a unit, so they are read, but only where this source has one. Whether it is
    held is not told: who sends by a stolen code would take another.
    """
    wanted = sorted(set(units))
    shards = int(client.get(keys.SHARDS) or 1)
    with client.pipeline(transaction=False) as pipe:
        for unit in wanted:
            pipe.hkeys(keys.Shard(keys.shard_of(unit, shards)).readings + unit)
        rows = pipe.execute()
    mine = [unit for unit, row in zip(wanted, rows, strict=True) if any(_is_from(key, source) for key in row)]
    if not mine:
        return {}
    return {
        unit: [j for j in fold(_as_sent(readings, source), read_limits(client, unit)) if j.reading.source == source]
        for unit, readings in StateReader(client).readings(mine).items()
    }


def _as_sent(readings: Iterable[Reading], source: str) -> list[Reading]:
    return [msgspec.structs.replace(r, held=False) if r.source == source else r for r in readings]


def _is_from(key: bytes, source: str) -> bool:
    return as_text(key).startswith(f"{source}\x1f")
