"""Ordinary dirt: about one reading in a hundred is wrong, late, unreadable or sent twice."""

import numpy as np

from warroom.demo.drafts import Draft

DIRT_SHARE = 0.010
KINDS = ("fall", "typo", "late", "wrong_precinct", "null_count", "repeat")
ODDS = (0.24, 0.12, 0.20, 0.14, 0.10, 0.20)


def _typo(rng: np.random.Generator, count: int) -> int:
    digits = str(count)
    if len(digits) > 1 and rng.random() < 0.6:
        k = rng.integers(0, len(digits) - 1)
        return int(digits[:k] + digits[k + 1] + digits[k] + digits[k + 2 :])
    return int(digits + str(rng.integers(0, 10)))


def _fix(rng: np.random.Generator, draft: Draft, truth: int) -> Draft:
    """The desk notices and sends a correction."""
    at = draft.at + rng.uniform(6, 25)
    return Draft("correction", at, at + rng.uniform(0.2, 1), draft.source, {"count": truth}, corrects=draft)


def add_dirt(rng: np.random.Generator, drafts: list[Draft], spared: frozenset[str]) -> list[Draft]:
    """Spoils about 1 % of the readings in place and returns what has to be added: repeats and corrections.

    `spared` are sources that stay clean, because the story is told there.
    """
    extra: list[Draft] = []
    for draft in drafts:
        if draft.kind != "checkins" or draft.source in spared or rng.random() >= DIRT_SHARE:
            continue
        kind, truth = KINDS[rng.choice(len(KINDS), p=ODDS)], draft.body["count"]
        if kind == "late":
            draft.received += rng.uniform(60, 180)
        elif kind == "repeat":
            again = draft.received + rng.uniform(1, 30)
            extra.append(Draft(draft.kind, draft.at, again, draft.source, dict(draft.body), repeats=draft))
        elif kind == "wrong_precinct":
            draft.body["precinct"] = draft.body["precinct"][:3] + str(rng.integers(700, 999))
        elif kind == "null_count":
            draft.body["count"] = None
        elif truth > 5:
            draft.body["count"] = int(truth * rng.uniform(0.1, 0.8)) if kind == "fall" else _typo(rng, truth)
            if rng.random() < 0.35:
                extra.append(_fix(rng, draft, truth))
    return extra
