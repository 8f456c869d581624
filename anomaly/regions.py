"""Whole neighbourhoods: a region that stays home moves its precincts' expectation with it.

A precinct is judged against its neighbours, so a region where everybody stays home has no
low precinct. This looks at the step before: how far today's fit moved a place away from
what its history and the citywide level imply.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
import numpy as np
from scipy.stats import norm

from anomaly.arrays import Floats
from anomaly.fitting import LOCAL_SD, DayFit
from anomaly.forecast import Z90, Forecast
from anomaly.live import LiveModel
from anomaly.rates import quadratic
from warroom.domain.alerts import Alert

LOW_Z = -2.3  # one region in a hundred swings that far by itself
LOW_SHARE = 0.85  # below this share of its history a region is worth a director's time
CLEAR_SHARE = 0.90
LEAST_SHARE_HEARD = 0.25  # of its precincts, before a region is judged
LEAST_GONE = 0.10  # of the day: the first hour's curve is a guess


@dataclass(frozen=True)
class RegionNews:
    """Per region (R,): log deviation from history at the city's level, its usual and its own uncertainty."""

    deviation: Floats
    usual_sd: Floats
    own_sd: Floats
    heard: Floats

    @property
    def z(self) -> Floats:
        """Deviation in standard deviations of what regions usually do and of what is known today."""
        return np.asarray(self.deviation / np.sqrt(self.usual_sd**2 + self.own_sd**2))


def drift(fit: DayFit, now_min: float) -> Floats:
    """Log of each precinct's expectation by now over what its history and the city's rates imply (N,)."""
    gone = fit.bins.elapsed(np.array(max(now_min, 1.0)))
    by_region = np.log(np.exp(fit.rates.log_rate) @ gone) - np.log(np.exp(fit.rates.city) @ gone)
    return np.asarray(fit.mean - fit.log_prior + by_region[fit.places.region])


def region_news(fit: DayFit, forecast: Forecast) -> RegionNews:
    """How each region stands against its history, weighted by its precincts' prior ballots."""
    regions = len(fit.places.region_names)
    code, weight = fit.places.region, fit.prior.ballots
    total = np.maximum(np.bincount(code, weight, regions), 1e-9)
    apart = drift(fit, forecast.now_min)
    city = np.average(apart, weights=weight)  # the city's own departure is in the headline, not here
    deviation = np.bincount(code, weight * (apart - city), regions) / total
    gone = fit.bins.elapsed(np.array(max(forecast.now_min, 1.0)))
    lean = np.exp(fit.rates.log_rate) * gone
    lean /= lean.sum(axis=1, keepdims=True)
    everywhere = np.arange(regions)
    prior = np.broadcast_to(fit.rate_prior.region, (regions, *fit.rate_prior.region.shape))
    usual = quadratic(lean, prior, everywhere) + LOCAL_SD**2 / 4  # patches average out over a region
    own = quadratic(lean, fit.rates.own, everywhere)
    heard = np.bincount(code, weight * (forecast.reported >= 0), regions) / total
    return RegionNews(deviation, np.sqrt(usual), np.sqrt(own), heard)


def map_z(fit: DayFit, forecast: Forecast, news: RegionNews) -> Floats:
    """What the map colours (N,), NaN without evidence.

    A precinct stands against its neighbours. Where its region as a whole departs from its
    history, every precinct that departs with it shows at least its region's deviation.
    """
    region, tiny = fit.places.region, 1e-9
    own_sd = np.log(np.maximum(forecast.expected_at, tiny) / np.maximum(forecast.expected_at_low, tiny)) / Z90
    apart, z = news.deviation[region], news.z[region]
    wide = apart + np.nan_to_num(forecast.z) * own_sd
    moved = (np.abs(z) > Z90) & (wide * apart > 0)
    agrees = (forecast.z * apart > 0) & (np.abs(forecast.z) > np.abs(z))
    stronger = np.where(agrees, forecast.z, z)
    return np.asarray(np.where(moved & ~np.isnan(forecast.z), stronger, forecast.z))


def region_alerts(model: LiveModel, forecast: Forecast, news: RegionNews, still_open: frozenset[str]) -> list[Alert]:
    """Regions that stay home: one alert each, not one a precinct. `still_open` names those raised before."""
    fit, day = model.fit, model.frames.day
    share_gone = float(np.exp(fit.rates.city) @ fit.bins.elapsed(np.array(max(forecast.now_min, 1.0))))
    if len(fit.places.region_names) < 3 or share_gone < LEAST_GONE * float(np.exp(fit.rates.city).sum()):
        return []
    moment = day.moment_of(forecast.now_min)
    alerts = []
    for r, name in enumerate(fit.places.region_names):
        share = float(np.exp(news.deviation[r]))
        low = news.z[r] < LOW_Z and share < LOW_SHARE
        if news.heard[r] < LEAST_SHARE_HEARD or not (low or (name in still_open and share < CLEAR_SHARE)):
            continue
        members = fit.places.region == r
        now = float(forecast.now[members].sum())
        expected, sd = now / share, float(np.hypot(news.usual_sd[r], news.own_sd[r]))
        low_edge, high_edge = (expected * float(np.exp(sign * Z90 * sd)) for sign in (-1, 1))
        alerts.append(
            Alert(
                id="", kind="low_turnout", severity="high", raised_at=moment, updated_at=moment, region=name,
                reason=f"{now:,.0f} voted, {expected:,.0f} expected (90 %: {low_edge:,.0f}–{high_edge:,.0f}); "
                f"{100 * (1 - share):.0f} % below the history of its {members.sum():,} precincts, from the opening on",
                expected=expected, expected_low=low_edge, expected_high=high_edge, reported=round(now),
                shortfall=expected - now, probability=min(float(norm.cdf(-news.z[r])), 0.99),
            )
        )  # fmt: skip
    return alerts


class RegionAlerts:
    """The open alerts on whole regions: raised, kept up to date and closed like any other."""

    def __init__(self) -> None:
        self.open: dict[str, Alert] = {}  # {region: alert}
        self._number: dict[str, int] = {}

    def adopt(self, alerts: Iterable[Alert]) -> None:
        """Go on after a restart with the region alerts among these: those of no precinct and no site."""
        for alert in alerts:
            if alert.kind == "low_turnout" and alert.precinct is None and alert.site is None:
                number = int(alert.id.rpartition(":")[2])
                self._number[alert.region] = max(self._number.get(alert.region, 0), number)
                if alert.status != "closed":
                    self.open[alert.region] = alert

    def step(self, model: LiveModel, forecast: Forecast, news: RegionNews) -> list[Alert]:
        """The alerts that were opened, updated or closed by this forecast."""
        wanted = {a.region: a for a in region_alerts(model, forecast, news, frozenset(self.open))}
        changed = []
        for region, alert in wanted.items():
            held = self.open.get(region)
            if held is None:
                self._number[region] = self._number.get(region, 0) + 1
                new_id = f"low_turnout:region {region}:{self._number[region]}"
                self.open[region] = msgspec.structs.replace(alert, id=new_id)
            else:
                self.open[region] = msgspec.structs.replace(alert, id=held.id, raised_at=held.raised_at)
            changed.append(self.open[region])
        moment = model.frames.day.moment_of(forecast.now_min)
        for region in [name for name in self.open if name not in wanted]:
            over = self.open.pop(region)
            changed.append(msgspec.structs.replace(over, status="closed", closed_at=moment, updated_at=moment))
        return changed
