"""Wrong codes, counted: guessing is slow from one address and from all together, and nobody is locked out.

Only short codes that people type are counted. A link's long code, and a phone that has signed in once, is never
held up: whoever tries to lock the room out by guessing holds up nobody but those who type at the same address.
"""

from warroom.store import keys
from warroom.store.client import Client

WINDOW_S = 600
PER_ADDRESS = 30  # wrong codes in a window; a training room behind one address mistypes too
ALL_TOGETHER = 600  # wrong codes in a window; beyond it every address has one try in five minutes, right or wrong
SLOW_S = 300


class Tries:
    """Counts tries before they are judged, so that many at once do not slip through together."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def take(self, address: str) -> int:
        """Take one try for an address (already hidden); 0 where it may go on, else seconds to wait."""
        mine, left_s = self._count(address)
        if mine > PER_ADDRESS:  # refused here already: one address alone never slows the others
            return max(1, left_s)
        everybody, _ = self._count("all")
        if everybody > ALL_TOGETHER and not self._client.set(keys.tries(f"slow:{address}"), 1, nx=True, ex=SLOW_S):
            return SLOW_S
        return 0

    def _count(self, who: str) -> tuple[int, int]:
        """(tries of this window with this one, seconds until the window ends by itself)."""
        key = keys.tries(who)
        with self._client.pipeline(transaction=True) as pipe:
            pipe.incr(key)
            pipe.expire(key, WINDOW_S, nx=True)  # whatever is tried meanwhile
            pipe.ttl(key)
            count, _, left_s = pipe.execute()
        return int(count), int(left_s)

    def right(self, address: str) -> None:
        """The code was right: the try is given back."""
        with self._client.pipeline(transaction=True) as pipe:
            pipe.decr(keys.tries(address))
            pipe.decr(keys.tries("all"))
            pipe.execute()
