"""How far each source's counts agree with what others say of the same places. Pure; it judges reports, not persons.

A counter never falls, so a count that one sender gives can be checked wherever another sender read the same
counter before and after it, each within an hour: it must lie between the two, give or take a slip. What others
say counts only while they are not contradicted themselves by third parties; names below one key are one sender
and vouch for nobody (`warroom.domain.sources.sender_of`).

Whoever is off at a counter stays off there, so a counter is one trial however often it was read: the shares of
checks that agreed, counter by counter, are the successes. The trust figure is the posterior of that share from a
uniform prior, Beta(1, 1), with its 90 % interval: A. Jøsang and R. Ismail, "The Beta Reputation System", 15th Bled
Electronic Commerce Conference, 2002. Whether a source contradicts beyond chance is a binomial tail at the usual
share of slips of this day's other sources, the limit divided by the number of sources compared (Bonferroni).
"""

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from scipy.special import betainc, betaincinv

from warroom.domain.readings import LOOKBACK, Judged
from warroom.domain.sources import Trust, Verdict, sender_of

NEAR_MS = 3_600_000  # how far before and after the other's readings may lie
SLACK_BALLOTS, SLACK_SHARE = 10, 0.05  # a slip of the clock or the pen, whichever is more
LEAST_SLIPS = 0.10  # share of an honest sender's counters at which it contradicts others, at least
LEAST_OTHERS = 5  # senders from which the usual share of slips can be learned
CHANCE = 0.01  # probability that any honest source of the day is called contradicting
PRIOR = 1.0  # both parameters of the Beta prior: every share alike
_CLOCK = frozenset({"before_open", "after_arrival"})  # its time is wrong, so nothing can be compared at it

Opinion = tuple[tuple[str, bool], ...]  # (other sender, whether it agrees), of one reading


class Told(msgspec.Struct):
    """What one sender said: readings that were not withdrawn, of them suspect and held; arrival of the last, ms."""

    readings: int = 0
    suspect: int = 0
    held: int = 0
    last_ms: int = 0


class Evidence(msgspec.Struct, frozen=True):
    """One counter: what each sender told, and what others' readings say of each sender's."""

    told: dict[str, Told]
    opinions: dict[str, Counter[Opinion]]


def evidence_of(judged: Sequence[Judged]) -> Evidence:
    """What can be told and checked at one counter, from all its readings."""
    told: dict[str, Told] = {}
    said: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        if one.reading.void:
            continue
        sender = sender_of(one.reading.source)
        mine = told.setdefault(sender, Told())
        mine.readings += 1
        mine.held += one.reading.held
        mine.suspect += one.status == "suspect" and not one.reading.held
        mine.last_ms = max(mine.last_ms, one.reading.received_ms)
        if one.reason not in _CLOCK:
            said[sender].append(one)
    counts = {s: c for s, mine in said.items() if (c := sorted((j.reading.at_ms, j.reading.count) for j in mine
                                                               if not j.reading.held)[-LOOKBACK:])}  # fmt: skip
    opinions: dict[str, Counter[Opinion]] = {}
    if len(said) > 1:
        for sender, mine_said in said.items():
            others = {other: rows for other, rows in counts.items() if other != sender}
            found = Counter(_opinion(j, others) for j in mine_said[-LOOKBACK:])
            found.pop((), None)
            if found:
                opinions[sender] = found
    return Evidence(told, opinions)


def _opinion(one: Judged, others: Mapping[str, list[tuple[int, int]]]) -> Opinion:
    at_ms, count = one.reading.at_ms, one.reading.count
    found = []
    for other, rows in others.items():
        before, after = bisect_right(rows, (at_ms, 10**9)) - 1, bisect_left(rows, (at_ms, -1))
        if before < 0 or after == len(rows) or rows[after][0] - at_ms > NEAR_MS or at_ms - rows[before][0] > NEAR_MS:
            continue
        low, high = min(rows[before][1], rows[after][1]), max(rows[before][1], rows[after][1])
        slack = max(SLACK_BALLOTS, SLACK_SHARE * high)
        found.append((other, low - slack <= count <= high + slack))
    return tuple(sorted(found))


def trusts(counters: Iterable[Evidence]) -> list[Trust]:
    """Every sender of the day, by name."""
    told: dict[str, Told] = defaultdict(Told)
    seen: dict[str, list[Counter[Opinion]]] = defaultdict(list)
    for evidence in counters:
        for sender, one in evidence.told.items():
            all_told = told[sender]
            all_told.readings += one.readings
            all_told.suspect += one.suspect
            all_told.held += one.held
            all_told.last_ms = max(all_told.last_ms, one.last_ms)
        for sender, opinions in evidence.opinions.items():
            seen[sender].append(opinions)
    company = Company({sender: _pairs(rows) for sender, rows in seen.items()})
    weighed = {sender: _weigh(rows, company.doubted(sender)) for sender, rows in seen.items()}
    compared = {sender: w for sender, w in weighed.items() if w[1]}
    usual = sorted(1 - agreed / counters for agreed, counters, _ in compared.values())
    found = []
    for sender in sorted(told):
        t = told[sender]
        plain = Trust(source=sender, readings=t.readings, suspect=t.suspect, held=t.held, last_ms=t.last_ms)
        found.append(_judge(plain, compared, usual, company) if sender in compared else plain)
    return found


def _pairs(rows: Iterable[Counter[Opinion]]) -> dict[str, tuple[float, int]]:
    """{other: (counters at which it agrees, in parts; counters at which both were read)} of one sender."""
    found: dict[str, tuple[float, int]] = {}
    for opinions in rows:
        here: dict[str, list[int]] = {}
        for opinion, number in opinions.items():
            for other, agrees in opinion:
                both = here.setdefault(other, [0, 0])
                both[0] += number * agrees
                both[1] += number
        for other, (good, all_of_it) in here.items():
            agreed, shared = found.get(other, (0.0, 0))
            found[other] = (agreed + good / all_of_it, shared + 1)
    return found


class Company:
    """Who agrees with whom: {sender: {other: (counters agreed, counters shared)}}, asked without one's own word."""

    def __init__(self, pairs: Mapping[str, Mapping[str, tuple[float, int]]]) -> None:
        self._pairs = pairs
        self._sums = {s: (sum(a for a, _ in p.values()), sum(n for _, n in p.values())) for s, p in pairs.items()}
        self._friends = {s: {o for o, (a, n) in p.items() if a >= n / 2} for s, p in pairs.items()}

    def against(self, sender: str) -> set[str]:
        """Those that it contradicts at most of the counters they share."""
        return set(self._pairs[sender]) - self._friends[sender]

    def doubted(self, sender: str) -> set[str]:
        """Those whose word against `sender` is worth nothing: contradicted by third parties, or alone against it
        while two others at least bear it out."""
        contradicted = {o for o in self._pairs[sender] if self.standing(o, sender) < 0}
        alone = {o for o in self.against(sender) if self._borne_out(sender, o) and not self._borne_out(o, sender)}
        return contradicted | alone

    def standing(self, sender: str, but: str) -> int:
        """1 where everybody but one bears a sender out at two counters or more, -1 where they contradict it, else 0."""
        good, shared = self._sums.get(sender, (0.0, 0))
        own_good, own_shared = self._pairs.get(sender, {}).get(but, (0.0, 0))
        good, shared = good - own_good, shared - own_shared
        return 0 if shared < 2 else 1 if good >= shared / 2 else -1

    def _borne_out(self, sender: str, but: str) -> bool:
        friends = self._friends.get(sender, set())
        return len(friends) - (but in friends) >= 2


def _weigh(rows: Iterable[Counter[Opinion]], doubted: Collection[str]) -> tuple[float, int, int]:
    """(counters agreed, counters checked, readings checked), without the word of the doubted."""
    agreed, counters, checked = 0.0, 0, 0
    for opinions in rows:
        good = readings = 0
        for opinion, number in opinions.items():
            votes = [agrees for other, agrees in opinion if other not in doubted]
            if votes:
                readings += number
                good += number * (2 * sum(votes) >= len(votes))
        if readings:
            agreed, counters, checked = agreed + good / readings, counters + 1, checked + readings
    return agreed, counters, checked


def _slips_of_others(usual: Sequence[float], own: float) -> float:
    """The median share at which senders contradict others, one of them left out; `usual` ascending."""
    middle = (len(usual) - 2) // 2
    median = usual[middle if middle < bisect_left(usual, own) else middle + 1] if len(usual) > LEAST_OTHERS else 0.0
    return min(0.5, max(LEAST_SLIPS, median))


def _judge(
    plain: Trust, compared: Mapping[str, tuple[float, int, int]], usual: Sequence[float], company: Company
) -> Trust:
    sender = plain.source
    agreed, counters, checked = compared[sender]
    wrong = counters - agreed
    slips = _slips_of_others(usual, wrong / counters)
    chance = min(1.0, len(compared) * float(betainc(wrong, agreed + 1, slips))) if wrong > 0 else 1.0
    against = sorted(company.against(sender) - company.doubted(sender))
    confirmed = len(against) > 1 or any(company.standing(other, sender) > 0 for other in against)
    a, b = PRIOR + agreed, PRIOR + wrong
    low, high = (round(float(betaincinv(a, b, edge)), 4) for edge in (0.05, 0.95))
    verdict: Verdict = "agrees"
    if chance < CHANCE and against:
        verdict = "contradicts" if confirmed else "one_of_two"
    elif wrong > agreed:
        verdict = "unsure"
    return msgspec.structs.replace(
        plain, checked=checked, counters=counters, agreed=round(agreed, 3), share=round(a / (a + b), 4), low=low,
        high=high, against=tuple(against), chance=chance, confirmed=confirmed, verdict=verdict,
    )  # fmt: skip
