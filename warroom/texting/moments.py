"""A recorded day once more, step by step, with the alerts on whole regions beside those on precincts."""

from collections.abc import Iterator
from dataclasses import replace

from anomaly.regions import RegionAlerts, region_news
from warroom.history.rerun import Moment, Rerun
from warroom.history.tape import Tape


def with_regions(rerun: Rerun, tape: Tape, until: float) -> Iterator[Moment]:
    """Every moment up to minute `until`, as the room's watch looks at it: `open` holds both."""
    regions = RegionAlerts()
    for moment in rerun.go(tape, until):
        regions.step(rerun.model, moment.forecast, region_news(rerun.model.fit, moment.forecast))
        yield replace(moment, open=(*moment.open, *regions.open.values()))
