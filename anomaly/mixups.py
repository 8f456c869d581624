"""Mix-ups: a count that is not believed of one precinct because it is its neighbour's at the same table."""

import numpy as np

from anomaly.arrays import Ints
from anomaly.beliefs import Beliefs
from anomaly.ledger import Ledger
from anomaly.readings import ABOVE, FALL, JUMP, NEIGHBOUR

SAME_VISIT_MINUTES = 15.0
LEAST_COUNT = 10  # smaller counts agree by chance


def name_mixups(beliefs: Beliefs, ledger: Ledger, rows: Ints, group: Ints, members: list[Ints]) -> None:
    """Rename the disbelieved readings of these precincts that a precinct of the same site reported as its own.

    group (N,): site of each precinct; members: precincts of each site.
    """
    for i in rows.tolist():
        slots = ledger.slots[i]
        bad = [s for s in slots if beliefs.reason[s] in (FALL, JUMP, ABOVE) and ledger.count[s] >= LEAST_COUNT]
        if not bad:
            continue
        others = np.array(
            [s for k in members[int(group[i])].tolist() if k != i for s in ledger.slots[k]], dtype=np.int64
        )
        for slot in bad:
            same = ledger.count[others] == ledger.count[slot]
            near = np.abs(ledger.at[others] - ledger.at[slot]) <= SAME_VISIT_MINUTES
            if (same & near).any():
                beliefs.reason[slot] = NEIGHBOUR
