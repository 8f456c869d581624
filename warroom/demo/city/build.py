"""The whole city from one seed: land, districts, blocks, precincts, sites."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.blocks import REAL_EDGE_M, Blocks, build_blocks
from warroom.demo.city.coverage import dissolve, to_lonlat
from warroom.demo.city.curves import Points
from warroom.demo.city.land import build_land, shore_of
from warroom.demo.city.plan import NEIGHBORHOODS, Neighborhood, build_plan
from warroom.demo.city.precincts import components, group_blocks, voters_by_block
from warroom.demo.city.sites import assign_sites, site_names, street_addresses

CITY_NAME = "Port Marlow"
PRECINCTS = 1_200
VOTERS = 780_000


@dataclass(frozen=True)
class City:
    """n precincts and m sites. Points are metres; lonlat are degrees.

    region (n,) index into NEIGHBORHOODS; site (n,) index into site_ids; registered (n,);
    rings: per precinct, rings of (lon, lat), first corner not repeated;
    touching (t, 2): pairs of precincts with a common edge.
    """

    precinct_ids: tuple[str, ...]
    precinct_names: tuple[str, ...]
    region: NDArray[np.int_]
    site: NDArray[np.int_]
    registered: NDArray[np.int_]
    at: Points
    lonlat: NDArray[np.float64]
    rings: tuple[list[NDArray[np.float64]], ...]
    touching: NDArray[np.int_]
    site_ids: tuple[str, ...]
    site_names: tuple[str, ...]
    site_addresses: tuple[str, ...]
    site_at: Points
    site_lonlat: NDArray[np.float64]
    site_region: NDArray[np.int_]

    def of_site(self, site: int) -> NDArray[np.int_]:
        """Precincts that vote at a site."""
        return np.flatnonzero(self.site == site)

    def sites_in(self, region: str) -> NDArray[np.int_]:
        """Sites of a neighbourhood."""
        return np.flatnonzero(self.site_region == [n.name for n in NEIGHBORHOODS].index(region))

    def neighborhood(self, precinct: int) -> Neighborhood:
        """The neighbourhood of a precinct."""
        return NEIGHBORHOODS[self.region[precinct]]


def _middles(points: Points, label: NDArray[np.int_], count: int) -> Points:
    """For each label, the block point nearest to the mean of its blocks: always inside the polygon."""
    keep = np.flatnonzero(label >= 0)
    size = np.bincount(label[keep], minlength=count)
    mean = np.column_stack([np.bincount(label[keep], points[keep, k], count) / size for k in (0, 1)])
    gap = np.hypot(*(points[keep] - mean[label[keep]]).T)
    order = np.lexsort((gap, label[keep]))
    first = np.unique(label[keep][order], return_index=True)[1]
    return points[keep[order[first]]]


def _touching(blocks: Blocks, label: NDArray[np.int_]) -> NDArray[np.int_]:
    cells = blocks.edge_cells[(blocks.edge_cells < len(label)).all(axis=1) & (blocks.edge_m > REAL_EDGE_M)]
    pair = np.sort(label[cells], axis=1)
    return np.unique(pair[(pair[:, 0] >= 0) & (pair[:, 0] != pair[:, 1])], axis=0)


def _numbered(group: NDArray[np.int_]) -> NDArray[np.int_]:
    """1, 2, 3... within each group, in order."""
    out = np.zeros(len(group), int)
    for g in np.unique(group):
        mine = np.flatnonzero(group == g)
        out[mine] = np.arange(1, len(mine) + 1)
    return out


def build_city(seed: int) -> City:
    """The same seed gives the same city; every seed gives the same plan with other bends and streets."""
    draw = [np.random.default_rng([seed, 1, k]) for k in range(7)]
    land = build_land(draw[0])
    shore = shore_of(land)
    plan = build_plan(draw[1], land, shore)
    blocks = build_blocks(draw[2], land, shore, plan)
    voters = voters_by_block(draw[3], blocks, plan, VOTERS)
    label = group_blocks(draw[4], blocks, plan, voters, PRECINCTS)
    rings = dissolve(blocks, label)
    count = len(rings)
    keep = label >= 0
    region, piece = np.zeros(count, int), np.zeros(count, int)
    region[label[keep]] = plan.region[blocks.district[keep]]
    piece[label[keep]] = components(blocks, np.where(keep, 0, -1))[keep]
    registered = np.bincount(label[keep], voters[keep], count) * draw[5].lognormal(0, 0.2, count)
    at = _middles(blocks.points, label, count)
    site = assign_sites(at, region, piece)
    sites = int(site.max()) + 1
    of_site = np.array([np.flatnonzero(site == s)[0] for s in range(sites)])
    site_at = _middles(at, site, sites) + draw[6].normal(0, 12, (sites, 2))
    number, site_number = _numbered(region), _numbered(region[of_site])
    return City(
        precinct_ids=tuple(f"{r + 1:02d}-{k:03d}" for r, k in zip(region, number, strict=True)),
        precinct_names=tuple(f"{NEIGHBORHOODS[r].name} {k}" for r, k in zip(region, number, strict=True)),
        region=region,
        site=site,
        registered=np.clip(np.rint(registered), 150, 1_400).astype(int),
        at=at,
        lonlat=to_lonlat(at),
        rings=tuple(rings[k] for k in range(count)),
        touching=_touching(blocks, label),
        site_ids=tuple(f"{r + 1:02d}{k:02d}" for r, k in zip(region[of_site], site_number, strict=True)),
        site_names=tuple(site_names(draw[6], sites)),
        site_addresses=tuple(street_addresses(draw[6], sites)),
        site_at=site_at,
        site_lonlat=to_lonlat(site_at),
        site_region=region[of_site],
    )
