"""The city's neighbourhoods and districts: who lives how densely where, and how the streets run."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from warroom.demo.city.curves import Points
from warroom.demo.city.land import Land, Shore


@dataclass(frozen=True)
class Neighborhood:
    """A region of the city. `well_off`, `older`, `commuting` are in -1..1 and shape its voters."""

    name: str
    x_m: float
    y_m: float
    density: float
    well_off: float
    older: float
    commuting: float


NEIGHBORHOODS = (
    Neighborhood("Old Town", 200, -300, 1.15, 0.3, -0.3, -0.1),
    Neighborhood("Ropewalk", -2000, 100, 1.2, -0.5, -0.5, 0.4),
    Neighborhood("Gull Point", 2300, -2900, 1.25, 0.4, 0.5, -0.2),
    Neighborhood("Saltmarsh", -500, -4700, 1.0, -0.2, 0.1, 0.3),
    Neighborhood("Kiln Cross", -3300, -3600, 1.0, -0.6, -0.3, 0.5),
    Neighborhood("Orchard Vale", -5900, -1600, 1.0, 0.5, 0.4, 0.2),
    Neighborhood("Quarry Heights", -6100, 2000, 1.0, 0.1, 0.3, 0.2),
    Neighborhood("Millrace", -1700, 3100, 1.1, -0.3, -0.4, 0.3),
    Neighborhood("Lantern Hill", 1500, 2200, 1.1, 0.8, 0.0, 0.0),
    Neighborhood("Northfield", -3900, 5200, 1.0, 0.0, 0.2, 0.4),
    Neighborhood("Fairmead", 2300, 5500, 0.95, 0.6, 0.5, 0.1),
    Neighborhood("Heron Shore", 5900, 3100, 1.0, 0.4, 0.6, -0.1),
)
ISLAND_REGIONS = ("Ropewalk", "Old Town")
MARKET = np.array([0.0, -150.0])


def from_market_m(points: Points) -> NDArray[np.float64]:
    """Distance to the market square: the city thins out with it."""
    return np.asarray(np.hypot(*(points - MARKET).T))


def people_per_m2(points: Points) -> NDArray[np.float64]:
    """Registered voters per square metre, before each neighbourhood's factor.

    Negative exponential of the distance to the centre (Clark 1951), on a suburban floor.
    """
    return np.asarray(0.0155 * np.exp(-from_market_m(points) / 2_300) + 0.0024)


def block_m(points: Points) -> NDArray[np.float64]:
    """Side of a street block: 68 m by the market, about 170 m at the limits."""
    return np.clip(68 + 0.0125 * from_market_m(points), 68, 175)


@dataclass(frozen=True)
class Plan:
    """Districts: each has one street grid. Arrays are by district.

    anchor (d, 2) m; angle (d,) radians; block (d,) m; loose (d,) 0-1, how far streets stray
    from the grid; region (d,) index into NEIGHBORHOODS; north (d,) bank; island (d,) or -1.
    """

    anchor: Points
    angle: NDArray[np.float64]
    block: NDArray[np.float64]
    loose: NDArray[np.float64]
    region: NDArray[np.int_]
    north: NDArray[np.bool_]
    island: NDArray[np.int_]

    def district_of(self, points: Points, land: Land) -> NDArray[np.int_]:
        """The district of each point: the nearest anchor on the same bank, or the island's own."""
        out = np.full(len(points), -1)
        place = np.where(land.island_of(points) >= 0, 2 + land.island_of(points), land.north_bank(points))
        home = np.where(self.island >= 0, 2 + self.island, self.north)
        for key in np.unique(home):
            mine, theirs = np.flatnonzero(home == key), np.flatnonzero(place == key)
            if len(theirs):
                out[theirs] = mine[cKDTree(self.anchor[mine]).query(points[theirs])[1]]
        return out


def _anchors(rng: np.random.Generator, land: Land) -> Points:
    """Random points, closer together downtown: a district is 0.7 km across there, 2 km at the limits."""
    tries = rng.uniform((-9_000, -8_200), (9_200, 8_200), (6_000, 2))
    tries = tries[land.holds(tries) & (land.island_of(tries) < 0)]
    apart = 620 + 0.17 * from_market_m(tries)
    kept: list[int] = []
    for k in range(len(tries)):
        if all(np.hypot(*(tries[k] - tries[j])) > min(apart[k], apart[j]) for j in kept):
            kept.append(k)
    return tries[kept]


def build_plan(rng: np.random.Generator, land: Land, shore: Shore) -> Plan:
    """Districts with their street directions. Streets by the water run along it."""
    islands = np.array([ring.mean(axis=0) for ring in land.islands])
    anchor = np.vstack([_anchors(rng, land), islands])
    island = np.concatenate([np.full(len(anchor) - len(islands), -1), np.arange(len(islands))])
    north = land.north_bank(anchor)
    centre = np.array([(n.x_m, n.y_m) for n in NEIGHBORHOODS])
    bank = land.north_bank(centre)
    gap = np.hypot(*(anchor[:, None] - centre[None]).transpose(2, 0, 1))
    gap += np.where(bank[None] != north[:, None], 1e6, 0)
    region = gap.argmin(axis=1)
    for k, name in enumerate(ISLAND_REGIONS):
        region[island == k] = [n.name for n in NEIGHBORHOODS].index(name)
    near, which = cKDTree(shore.inner).query(anchor)
    own = rng.uniform(-np.pi / 4, np.pi / 4, len(NEIGHBORHOODS))[region] + rng.normal(0, 0.22, len(anchor))
    angle = np.where(near < 800, shore.angle[which], own)
    away = from_market_m(anchor)
    loose = np.where(rng.random(len(anchor)) < (away - 2_500) / 4_500, 0.22, 0.035)
    return Plan(anchor, angle, block_m(anchor), loose, region, north, island)
