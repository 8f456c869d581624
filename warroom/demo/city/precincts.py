"""Precincts: street blocks grouped, district by district, into pieces with about as many voters each."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from warroom.demo.city.blocks import REAL_EDGE_M, Blocks
from warroom.demo.city.plan import NEIGHBORHOODS, Plan, people_per_m2

NOBODY = -1


def voters_by_block(rng: np.random.Generator, blocks: Blocks, plan: Plan, total: int) -> NDArray[np.float64]:
    """Registered voters in each block; they sum to `total`."""
    factor = np.array([n.density for n in NEIGHBORHOODS])[plan.region[blocks.district]]
    local = rng.lognormal(0, 0.25, len(plan.anchor))[blocks.district]
    weight = blocks.area_m2 * people_per_m2(blocks.points) * factor * local
    weight *= rng.lognormal(0, 0.30, len(weight))
    return np.asarray(weight * total / weight.sum())


def components(blocks: Blocks, label: NDArray[np.int_]) -> NDArray[np.int_]:
    """Numbers the connected groups of blocks that carry the same label; a corner does not connect."""
    n = len(label)
    pair = blocks.edge_cells[(blocks.edge_cells < n).all(axis=1) & (blocks.edge_m > REAL_EDGE_M)]
    pair = pair[label[pair[:, 0]] == label[pair[:, 1]]]
    graph = coo_array((np.ones(len(pair)), (pair[:, 0], pair[:, 1])), shape=(n, n))
    return np.asarray(connected_components(graph, directed=False)[1])


def _split(
    rng: np.random.Generator,
    members: NDArray[np.int_],
    pieces: int,
    blocks: Blocks,
    voters: NDArray[np.float64],
) -> list[NDArray[np.int_]]:
    """Cuts along streets, the long way first, until every piece is one precinct."""
    if pieces <= 1 or len(members) <= 1:
        return [members]
    row, column = blocks.row[members], blocks.column[members]
    tall = np.ptp(row) * 0.78 > np.ptp(column) * 1.3
    order = np.lexsort((column, row) if tall else (row, column))
    members = members[order]
    first = pieces // 2
    share = voters[members].cumsum() / voters[members].sum()
    aim = first / pieces + rng.uniform(-0.05, 0.05) * (pieces > 2)
    cut = int(np.clip(np.searchsorted(share, aim), 1, len(members) - 1))
    return _split(rng, members[:cut], first, blocks, voters) + _split(
        rng, members[cut:], pieces - first, blocks, voters
    )


def _merge_scraps(
    blocks: Blocks, label: NDArray[np.int_], voters: NDArray[np.float64], region: NDArray[np.int_]
) -> NDArray[np.int_]:
    """Every precinct in one piece: a cut-off scrap, or a precinct of under 130 voters, joins the
    neighbour of its own region with the longest common edge."""
    label = label.copy()
    n = len(label)
    inner = (blocks.edge_cells < n).all(axis=1) & (blocks.edge_m > REAL_EDGE_M)
    cells, metres = blocks.edge_cells[inner], blocks.edge_m[inner]
    for _ in range(12):
        group = components(blocks, label)
        size = np.bincount(group, voters)
        biggest = np.zeros(label.max() + 1)
        np.maximum.at(biggest, label, size[group])
        scrap = np.unique(group[(size[group] < biggest[label]) | (size[group] < 130)])
        if not len(scrap):
            break
        moved = False
        for g in scrap:
            mine = group == g
            out = mine[cells[:, 0]] != mine[cells[:, 1]]
            other = np.where(mine[cells[out, 0]], cells[out, 1], cells[out, 0])
            own = region[np.flatnonzero(mine)[0]]
            near = region[other] == own
            if not near.any():
                continue
            border = np.bincount(label[other[near]], metres[out][near])
            label[mine] = border.argmax()
            moved = True
        if not moved:
            break
    return label


def group_blocks(
    rng: np.random.Generator, blocks: Blocks, plan: Plan, voters: NDArray[np.float64], count: int
) -> NDArray[np.int_]:
    """The precinct number of each block, (n,), numbered region by region along the splits;
    NOBODY where a scrap of ground (a rock, a quay) can be joined to nothing."""
    target = voters.sum() / count
    region = plan.region[blocks.district]
    group = components(blocks, blocks.district)
    label = np.full(len(blocks.points), 0)
    fresh = 0
    for g in np.unique(group):
        members = np.flatnonzero(group == g)
        pieces = max(1, round(voters[members].sum() / target + 0.02))
        for piece in _split(rng, members, pieces, blocks, voters):
            label[piece] = fresh
            fresh += 1
    label = _merge_scraps(blocks, label, voters, region)
    final = components(blocks, label)
    size = np.bincount(final, voters)
    label = np.where(size[final] < 130, NOBODY, label)
    keep = label != NOBODY
    first = np.full(fresh, -1)
    for k in np.flatnonzero(keep)[::-1]:
        first[label[k]] = k
    used = np.unique(label[keep])
    order = used[np.lexsort((used, region[first[used]]))]
    number = np.full(fresh + 1, NOBODY)
    number[order] = np.arange(len(order))
    return np.asarray(number[label])
