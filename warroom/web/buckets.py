"""Token buckets: how much each sender may bring.

They live in the worker, not in the store: a limit must hold when the store is what is overloaded, and must cost
nothing. With several web workers a sender can have up to that many times its rate; it is a fuse, not a bill.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable

MOST_SENDERS = 10_000


class Buckets:
    """One bucket a sender. A sender that was quiet for a minute may send a minute's worth at once."""

    def __init__(self, now_s: Callable[[], float] = time.monotonic) -> None:
        self._now_s = now_s
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # sender -> (tokens, at second)

    def take(self, sender: str, per_minute: int, items: int) -> int:
        """Take so many tokens: 0, or the seconds until they will be there (then none is taken).

        More than a whole bucket is taken as a whole bucket: it would never fit. With 0 items nothing is taken,
        and the answer says whether there is anything left.
        """
        now_s = self._now_s()
        tokens, since_s = self._levels.pop(sender, (float(per_minute), now_s))
        tokens = min(per_minute, tokens + (now_s - since_s) * per_minute / 60)
        wanted = min(items, per_minute)
        enough = tokens >= max(wanted, 1)
        self._levels[sender] = (tokens - wanted if enough else tokens, now_s)
        if len(self._levels) > MOST_SENDERS:
            self._levels.popitem(last=False)
        return 0 if enough else max(1, math.ceil((max(wanted, 1) - tokens) * 60 / per_minute))
