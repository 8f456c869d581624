"""While the feed that carries most reports is silent, no place is newly called silent; afterwards it may be."""

import numpy as np
from made_town import make_town, pick, reports

from anomaly.detector import Detector
from anomaly.live import LiveModel


def silent_sites(deaf_until: float) -> list[tuple[str, float]]:
    """(site, minute raised) of every silent alert of a day on which one site stops speaking at minute 300."""
    town = make_town(n=150, seed=5)
    batch = reports(town, 700.0, every=40.0)
    gone = (batch.precinct >= 60) & (batch.precinct < 63) & (batch.at_min > 300)
    heard = pick(batch, np.flatnonzero(~gone))
    model = LiveModel(town.frames)
    detector, found, done = Detector(model), [], -1.0
    for now in np.arange(15.0, 600.1, 15.0):
        model.observe(pick(heard, np.flatnonzero((heard.received_min > done) & (heard.received_min <= now))))
        done = now
        changes = detector.step(model.forecast(now), now, is_deaf=300 < now <= deaf_until)
        found += [(c.alert.site, now) for c in changes if c.action == "open" and c.alert.kind == "silent"]
    return found


def test_a_place_is_called_silent_only_once_the_room_hears_again():
    [(site, at_once)] = silent_sites(deaf_until=0.0)
    [(same, later)] = silent_sites(deaf_until=540.0)
    assert site == same == "S020"
    assert at_once < 540.0 < later
