"""From the store's readings to the model's arrays, each reading once."""

from collections.abc import Mapping, Sequence

from anomaly.ledger import VOID, ReadingBatch, batch_of
from warroom.domain.readings import Reading


class ReadingBook:
    """Remembers which readings the model has, so that a correction or a withdrawal reaches it.

    `place` is {precinct id: index}; `opens_ms` the opening of the polls.
    """

    def __init__(self, place: Mapping[str, int], opens_ms: int) -> None:
        self._place = place
        self._opens_ms = opens_ms
        self._keys: dict[tuple[str, str, str, int], int] = {}  # (source, id, precinct, at_ms) -> key
        self._held: dict[str, dict[int, int]] = {}  # precinct -> {key: count the model has}
        self._sources: dict[str, int] = {}

    def batch(self, readings: Mapping[str, Sequence[Reading]]) -> ReadingBatch:
        """What is new to the model in the readings of some precincts: {precinct id: all its readings}."""
        rows: list[tuple[int, float, float, int, int, int, int]] = []
        for precinct_id, all_readings in readings.items():
            index = self._place.get(precinct_id)
            if index is None:
                continue
            held = self._held.setdefault(precinct_id, {})
            gone = set(held)
            for reading in all_readings:
                count = VOID if reading.void or reading.held else reading.count
                key = self._key(reading, precinct_id)
                gone.discard(key)
                known = held.get(key)
                if known != count:
                    held[key] = count
                    rows.append((index, *self._minutes(reading), count, self._source(reading), key,
                                 int(known is not None)))  # fmt: skip
            for key in gone:  # another report took over its id
                if held[key] != VOID:
                    held[key] = VOID
                    rows.append((index, 0.0, 0.0, VOID, 0, key, 1))
        return batch_of(rows)

    def _key(self, reading: Reading, precinct_id: str) -> int:
        return self._keys.setdefault((reading.source, reading.id, precinct_id, reading.at_ms), len(self._keys))

    def _minutes(self, reading: Reading) -> tuple[float, float]:
        return (reading.at_ms - self._opens_ms) / 60_000, (reading.received_ms - self._opens_ms) / 60_000

    def _source(self, reading: Reading) -> int:
        return self._sources.setdefault(reading.source, len(self._sources))
