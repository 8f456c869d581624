"""A circuit breaker (Nygard 2007, "Release It!"): a sender that keeps failing rests, then one message tries it. Pure.

works --FAILURES in a row--> rests --REST_S--> tries with one message --taken--> works
                               ^------------------failed: rests twice as long-----'
"""

from dataclasses import dataclass, replace
from typing import Literal

FAILURES = 5
REST_S, LONGEST_REST_S = 15.0, 240.0

State = Literal["works", "rests", "tries"]


@dataclass(frozen=True)
class Breaker:
    """Where the sender stands. Times in seconds of any one clock, which the caller reads."""

    state: State = "works"
    failures: int = 0
    rests: int = 0  # rests in a row
    until_s: float = 0.0
    reason: str = ""

    def may_begin(self, now_s: float) -> bool:
        """Whether a message may be begun now: any while it works, one after a rest."""
        return self.state == "works" or (self.state == "rests" and now_s >= self.until_s)

    def begun(self, now_s: float) -> "Breaker":
        """A message was begun."""
        return replace(self, state="tries") if self.state == "rests" and now_s >= self.until_s else self

    def ended(self, trouble: str, now_s: float) -> "Breaker":
        """A message ended: '' where the provider answered as it should, else what went wrong."""
        if not trouble:
            return Breaker()
        if self.state == "rests":  # one of those that were under way when the rest began
            return replace(self, reason=trouble)
        if self.state == "works" and self.failures + 1 < FAILURES:
            return replace(self, failures=self.failures + 1, reason=trouble)
        rest_s = min(LONGEST_REST_S, REST_S * 2.0**self.rests)
        return Breaker("rests", self.failures + 1, self.rests + 1, now_s + rest_s, trouble)
