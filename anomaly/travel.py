"""How long it takes to get there: a formula on coordinates. Known times win over it, see roads.py."""

from dataclasses import dataclass

import numpy as np

from anomaly.arrays import Bools, Floats

EARTH_KM = 6371.0088  # mean radius


@dataclass(frozen=True)
class Streets:
    """Great-circle distance times a street factor, by car or on foot, whichever is sooner.

    Roads are longer than the straight line by a factor of 1.2 to 1.4: 1.3 over road networks
    (Wang, Bette, Schreckenberg and Guhr 2024, arXiv 2406.06490), 1.27 on a square grid of
    streets on average over directions (4 / pi). Speeds are door to door in a city; a campaign
    that knows better sets its own.
    """

    street_factor: float = 1.3
    car_kmh: float = 22.0
    walk_kmh: float = 4.8
    car_start_minutes: float = 6.0  # to the car, and parking

    def minutes(self, origins: Floats, has_car: Bools, destinations: Floats) -> Floats:
        """Minutes, shape (n, m); NaN where a place is unknown."""
        return self.minutes_of(great_circle_km(origins, destinations), np.asarray(has_car)[:, None])

    def minutes_of(self, straight_km: Floats, has_car: Bools) -> Floats:
        """Minutes for distances as the crow flies (any shape; `has_car` broadcasts)."""
        km = straight_km * self.street_factor
        walk = km * (60.0 / self.walk_kmh)
        drive = km * (60.0 / self.car_kmh) + self.car_start_minutes
        return np.where(has_car, np.minimum(walk, drive), walk)

    def drives(self, km: float, has_car: bool) -> bool:
        """Whether somebody with a car would take it for `km` of road."""
        return has_car and km * 60.0 / self.car_kmh + self.car_start_minutes < km * 60.0 / self.walk_kmh


def great_circle_km(origins: Floats, destinations: Floats) -> Floats:
    """Distances (n, m) on a sphere between (lat, lon) in degrees; NaN where a coordinate is.

    By the chord between unit vectors: the haversine formula, as one matrix product.

    >>> float(great_circle_km(np.array([[40.0, -74.0]]), np.array([[41.0, -74.0]]))[0, 0].round(1))
    111.2
    """
    dot = unit_vectors(origins) @ unit_vectors(destinations).T
    return chord_km(np.sqrt(np.maximum(1.0 - dot, 0.0) * 2.0))


def chord_km(chord: Floats) -> Floats:
    """Great-circle kilometres of a straight chord (0-2) between points of the unit sphere."""
    km: Floats = 2.0 * EARTH_KM * np.arcsin(np.minimum(chord * 0.5, 1.0))
    return km


def unit_vectors(points: Floats) -> Floats:
    """Points (n, 2) as (lat, lon) in degrees on the unit sphere, (n, 3)."""
    lat, lon = np.radians(np.asarray(points, float).reshape(-1, 2)).T
    return np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
