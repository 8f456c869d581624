"""Where the city has ground: a coast, the city limits, a river with islands, a dock and some parks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from warroom.demo.city.curves import (
    Points,
    inside,
    normals,
    resample,
    rotate,
    rounded_box,
    spline,
    wiggle,
)

SHORE_SPACING_M = 55.0
SHORE_OFFSET_M = 24.0

# North-east to south-west along the sea; the river's mouth lies near (2900, -700).
COAST = np.array(
    [
        (8900, 4500), (8000, 4100), (7300, 2900), (6300, 2600), (5900, 1700), (4700, 1500), (4400, 500),
        (3700, 350), (2900, -700),
        (2150, -1750), (2850, -2700), (4400, -3150), (4650, -4000), (2900, -4450), (1700, -4700),
        (1100, -5700), (200, -5900), (-200, -6900), (-1300, -6900), (-2000, -8000),
    ],
    float,
)  # fmt: skip
# The city limits, from the coast inland and back: surveyors' lines, so straight.
LIMITS = np.array(
    [
        (-2000, -8000), (-4100, -7300), (-4300, -6500), (-6100, -6000), (-6000, -4100), (-7400, -3500),
        (-7900, -1100), (-8600, 200), (-7700, 2100), (-8400, 4300), (-7100, 5200), (-6300, 6500),
        (-3900, 6100), (-3500, 7000), (-2200, 7500), (700, 7900), (900, 7000), (2600, 6700), (5200, 7300),
        (7300, 6200), (8400, 5600), (8900, 4500),
    ],
    float,
)  # fmt: skip
RIVER = np.array(
    [
        (-10500, 6300), (-8600, 5500), (-6900, 4300), (-5700, 4500), (-4500, 3300), (-3700, 1900),
        (-2300, 1900), (-1300, 1150), (-300, 1300), (900, 900), (1300, -50), (2300, -550), (4200, -1300),
        (6000, -1700),
    ],
    float,
)  # fmt: skip
# Where along the river (share of its length), half width, length.
ISLANDS = ((0.435, 170.0, 1350.0), (0.695, 120.0, 800.0))
# centre, size, angle, power
PARKS = (
    ((-1650, -900), (1300, 700), 0.35, 5.0),
    ((-4700, -700), (1000, 1500), -0.3, 2.2),
    ((2900, 3350), (1500, 650), 0.75, 3.0),
    ((-1500, -4300), (1700, 900), -0.5, 2.6),
    ((450, -2000), (560, 380), 0.1, 6.0),
    ((5300, 4900), (1700, 900), 1.0, 2.2),
    ((-5900, 2500), (800, 460), 0.4, 5.0),
    ((-4600, -5300), (900, 600), 0.9, 2.4),
    ((-3600, 5000), (650, 1200), -0.7, 2.2),
    ((750, 4600), (1000, 420), -0.1, 5.0),
)
# Slips of the old harbour, cut square into the shore: centre, size, angle, power.
SLIPS = tuple(((2330 - 185 * k, -850 - 285 * k), (900, 125), -0.6, 14.0) for k in range(3))
CANAL = np.array([(-2050, 1500), (-1750, 2300), (-1150, 2650), (-950, 3500)], float)
CANAL_HALF_M = 42.0


Shape = tuple[tuple[float, float], tuple[float, float], float, float]


@dataclass(frozen=True)
class Land:
    """Rings in metres. Ground is inside `outline`, outside water and parks, or on an island.

    `shore` holds pairs of points (inner on the ground, outer off it) a fixed distance to
    either side of every edge of the ground; `tangent` is the edge's direction there, and
    `natural` tells water and parks from the surveyors' straight limits.
    """

    outline: Points
    river: Points
    centreline: Points
    harbor: tuple[Points, ...]
    islands: tuple[Points, ...]
    parks: tuple[Points, ...]

    def holds(self, points: Points) -> NDArray[np.bool_]:
        """True where a point is ground that people can live on."""
        wet = inside(points, self.river)
        for island in self.islands:
            wet &= ~inside(points, island)
        ground = inside(points, self.outline) & ~wet
        for gap in (*self.harbor, *self.parks):
            ground &= ~inside(points, gap)
        return ground

    def north_bank(self, points: Points) -> NDArray[np.bool_]:
        """True on the left bank of the river, which is the city's north."""
        far = np.array([(30_000.0, 0.0), (30_000.0, 30_000.0), (-30_000.0, 30_000.0), (-30_000.0, 6_000.0)])
        return inside(points, np.vstack([self.centreline, far]))

    def island_of(self, points: Points) -> NDArray[np.int_]:
        """Number of the island a point lies on, or -1."""
        out = np.full(len(points), -1)
        for k, island in enumerate(self.islands):
            out[inside(points, island)] = k
        return out


@dataclass(frozen=True)
class Shore:
    """Pairs of points to either side of the ground's edge: inner (n, 2), outer (n, 2), angle (n,) radians."""

    inner: Points
    outer: Points
    angle: NDArray[np.float64]


def _islands(river: Points) -> tuple[Points, ...]:
    out = []
    t = np.linspace(0, 2 * np.pi, 121)[:-1]
    for share, half_m, length_m in ISLANDS:
        k = round(share * (len(river) - 1))
        along = river[min(k + 4, len(river) - 1)] - river[k - 4]
        lens = np.column_stack([np.cos(t) * length_m / 2, np.sin(t) * np.abs(np.sin(t)) ** 0.5 * half_m])
        out.append(rotate(lens, float(np.arctan2(along[1], along[0]))) + river[k])
    return tuple(out)


def _river_band(rng: np.random.Generator, line: Points) -> Points:
    """Both banks: 250-380 m apart, wider around an island and at the mouth."""
    n = len(line)
    share = np.linspace(0, 1, n)
    half = 150 + 25 * np.sin(share * 19) + np.interp(share, [0, 0.74, 0.86, 1], [-10, 20, 190, 420])
    for at, half_m, length_m in ISLANDS:
        metres = np.abs(share - at) * SHORE_SPACING_M * n
        half += (half_m + 55) * np.exp(-((metres / (0.45 * length_m)) ** 4))
    normal = normals(line, closed=False)
    left = line + normal * (half + wiggle(rng, n, SHORE_SPACING_M, 22.0))[:, None]
    right = line - normal * (half + wiggle(rng, n, SHORE_SPACING_M, 22.0))[:, None]
    return np.vstack([left, right[::-1]])


def _canal(rng: np.random.Generator, river: Points) -> Points:
    """The mill canal; it leaves from the middle of the river."""
    start = river[np.hypot(*(river - CANAL[0]).T).argmin()]
    bends = np.vstack([start, CANAL[1:] + rng.normal(0, 60, CANAL[1:].shape)])
    line = resample(bends, SHORE_SPACING_M, closed=False)
    side = normals(line, closed=False) * CANAL_HALF_M
    return np.vstack([line + side, (line - side)[::-1]])


def _park(rng: np.random.Generator, place: Shape) -> Points:
    """A park; the rounder its plan, the freer its edge."""
    (x, y), (wide, tall), angle, power = place
    dx, dy = rng.normal(0, 110, 2)
    scale = rng.uniform(0.85, 1.15)
    ring = rounded_box((x + dx, y + dy), (wide * scale, tall * scale), angle + rng.normal(0, 0.15), power)
    centre = ring.mean(axis=0)
    t = np.linspace(0, 2 * np.pi, len(ring), endpoint=False)
    wave = np.zeros(len(t))
    for k in range(2, 7):
        wave += rng.normal(0, 0.75 / k) * np.cos(k * t + rng.uniform(0, 6.3))
    swell = 1 + (0.30 if power < 4 else 0.03) * wave
    return np.asarray(centre + (ring - centre) * swell[:, None])


def build_land(rng: np.random.Generator) -> Land:
    """One city's ground. The plan is fixed; the seed moves every bend of it a little."""
    ends = np.ones((len(COAST), 1))
    ends[[0, -1]] = 0
    coast = spline(COAST + ends * rng.normal(0, 110, COAST.shape), SHORE_SPACING_M)
    fade = np.minimum(1, np.arange(len(coast)) / 15) * np.minimum(1, np.arange(len(coast))[::-1] / 15)
    coast += normals(coast, closed=False) * (fade * wiggle(rng, len(coast), SHORE_SPACING_M, 300.0))[:, None]
    inland = LIMITS[1:-1] + rng.normal(0, 120, (len(LIMITS) - 2, 2))
    line = spline(RIVER + rng.normal(0, 60, RIVER.shape), SHORE_SPACING_M)
    return Land(
        outline=np.vstack([coast, inland]),
        river=_river_band(rng, line),
        centreline=line,
        harbor=(*(rounded_box(*slip) for slip in SLIPS), _canal(rng, line)),
        islands=_islands(line),
        parks=tuple(_park(rng, place) for place in PARKS),
    )


def shore_of(land: Land) -> Shore:
    """Pairs along every edge of the ground, a pair about every 55 m.

    In a Voronoi diagram the border between the two points of a pair lies on the edge itself,
    so water and ground part along the drawn line and no polygon ever needs clipping.
    """
    inner, outer, angle = [], [], []
    for ring in (land.outline, land.river, *land.harbor, *land.islands, *land.parks):
        line = resample(ring, SHORE_SPACING_M, closed=True)
        normal = normals(line, closed=True)
        a, b = line + normal * SHORE_OFFSET_M, line - normal * SHORE_OFFSET_M
        ground_a, ground_b = land.holds(a), land.holds(b)
        edge = ground_a != ground_b
        inner.append(np.where(ground_a[:, None], a, b)[edge])
        outer.append(np.where(ground_a[:, None], b, a)[edge])
        angle.append(np.arctan2(-normal[:, 0], normal[:, 1])[edge])
    return Shore(np.vstack(inner), np.vstack(outer), np.concatenate(angle))
