"""Messages that wait for the hour where their reader lives. In memory alone: in the store they stay queued,

and a worker that begins anew takes them from there.
"""

from collections.abc import Callable, Collection
from heapq import heappop, heappush

from warroom.store.outbox import Queued


class Early:
    """By request, the earliest hour first."""

    def __init__(self) -> None:
        self._heaps: dict[str, list[tuple[int, str, Queued]]] = {}

    def add(self, request_id: str, at_ms: int, message: Queued) -> None:
        """A message that may go from `at_ms` on, epoch ms of the day's clock."""
        heappush(self._heaps.setdefault(request_id, []), (at_ms, message.ref, message))

    def due(self, request_id: str, now_ms: Callable[[], int]) -> Queued | None:
        """A message whose hour has come, once; the clock is asked where one waits."""
        heap = self._heaps.get(request_id)
        return heappop(heap)[2] if heap and heap[0][0] <= now_ms() else None

    def waiting(self, request_id: str) -> int:
        """How many wait."""
        return len(self._heaps.get(request_id, ()))

    def counts(self) -> dict[str, int]:
        """{request: how many wait}, none of them 0."""
        return {request_id: len(heap) for request_id, heap in self._heaps.items() if heap}

    def keep(self, request_ids: Collection[str]) -> None:
        """Forget the messages of every other request."""
        self._heaps = {request_id: heap for request_id, heap in self._heaps.items() if request_id in request_ids}
