"""Greedy search: always the pair that adds most. The fallback, and the polish after the programme.

Lazily evaluated (Minoux 1978): gains only shrink as people are added, so a pair is looked at
again only when it comes to the top. For such diminishing returns the greedy choice is seldom
far from the best (Nemhauser, Wolsey and Fisher 1978).
"""

import heapq

import numpy as np

from anomaly.arrays import Ints
from anomaly.redeploy_choice import Book, Choice


def greedy_choice(choice: Choice, start: Ints) -> Ints:
    """The pairs `start` (indices that fit together), without those that lose, and whatever still adds.

    Ties go to the lower index.
    """
    pairs, standing, curves = choice.pairs, choice.standing, choice.curves
    book, hours = Book(choice), choice.stay_hours().tolist()
    helper, need, effective = pairs.helper.tolist(), pairs.need.tolist(), pairs.effective.tolist()
    cost, origin, there = pairs.cost.tolist(), standing.need.tolist(), standing.effective.tolist()

    def gain(k: int) -> float:
        to, home = need[k], origin[helper[k]]
        added: float = curves.one(to, hours[to] + effective[k]) - curves.one(to, hours[to]) - cost[k]
        if home >= 0:
            left = max(hours[home] - there[helper[k]], 0.0)
            added -= curves.one(home, hours[home]) - curves.one(home, left)
        return added

    taken: list[int] = []

    def carry_out(k: int) -> None:
        if book.take(k):
            taken.append(k)
            hours[need[k]] += effective[k]
            if origin[helper[k]] >= 0:
                hours[origin[helper[k]]] -= there[helper[k]]

    for k in sorted(start.tolist(), key=lambda k: not pairs.locked[k]):
        if pairs.locked[k] or gain(k) > 0:
            carry_out(k)
    heap = [(-g, k) for k in range(len(helper)) if not pairs.locked[k] and (g := gain(k)) > 0]
    heapq.heapify(heap)
    while heap:
        _, k = heapq.heappop(heap)
        if helper[k] in book.moved or (now := gain(k)) <= 0:
            continue
        if heap and (-now, k) > heap[0]:
            heapq.heappush(heap, (-now, k))
            continue
        carry_out(k)
    return np.array(sorted(taken), np.int64)
