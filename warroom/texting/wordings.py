"""Which wording the next person gets: what was seen of each wording so far, over all requests of its rule."""

import time
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from warroom.domain.texts import TextCase
from warroom.store.outbox import Outbox
from warroom.store.texts import TextStore
from warroom.texting.variants import Posterior, Seen, choose, posteriors

FRESH_S = 2.0
TAKEN = ("sent", "delivered", "replied", "opted_out")  # gone out, as far as is known: who got it could have answered


def seen_of(case: TextCase, cases: Iterable[TextCase], outbox: Outbox) -> dict[str, Seen]:
    """{wording: what came of it} for this request's wordings; one that an edit changed starts anew."""
    found = {variant.name: Seen() for variant in case.request.variants}
    wordings = {variant.name: variant for variant in case.request.variants}
    for other in cases:
        if other.request.rule != case.request.rule:
            continue
        same = [v.name for v in other.request.variants if wordings.get(v.name) == v]
        counts = outbox.by_variant(other.request.id) if same else {}
        for name in same:
            before, states = found[name], counts.get(name, {})
            found[name] = Seen(
                before.delivered + sum(states.get(state, 0) for state in TAKEN),
                before.replied + states.get("replied", 0),
            )
    return found


def posteriors_of(case: TextCase, cases: Iterable[TextCase], outbox: Outbox) -> list[Posterior]:
    """What is known of this request's wordings, best first."""
    return posteriors(seen_of(case, cases, outbox))


class Wordings:
    """Chooses by Thompson sampling. The counts are read again every two seconds."""

    def __init__(
        self, texts: TextStore, outbox: Outbox, lot: np.random.Generator, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._texts, self._outbox, self._lot, self._now_s = texts, outbox, lot, now_s
        self._seen: dict[str, tuple[float, int, Mapping[str, Seen]]] = {}  # request -> read at, version, counts

    def __call__(self, case: TextCase) -> str:
        """The wording of this request's next message."""
        if len(case.request.variants) == 1:
            return case.request.variants[0].name
        held = self._seen.get(case.request.id)
        if held is None or held[1] != case.version or self._now_s() - held[0] > FRESH_S:
            held = (self._now_s(), case.version, seen_of(case, self._texts.cases(), self._outbox))
            self._seen[case.request.id] = held
        return choose(held[2], self._lot)
