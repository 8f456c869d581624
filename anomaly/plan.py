"""What a city was expected to cast by each minute of its day before anybody reported. Pure."""

import numpy as np

from anomaly.curve import starting_shares
from anomaly.forecast import Total
from anomaly.turnout import Prior
from warroom.domain.election import ElectionDay

Z90 = 1.645


class Plan:
    """The prior's ballots, spread over the day by the built-in curves."""

    def __init__(self, day: ElectionDay, prior: Prior) -> None:
        shares = starting_shares(day.polls_open, day.polls_close, float(day.minutes_open))
        self._cast = np.append(0.0, np.cumsum(shares))
        self._minutes = np.linspace(0, day.minutes_open, len(self._cast))
        self._ballots = float(prior.ballots.sum())
        self._factor = float(np.exp(Z90 * prior.level_sd))

    def by(self, minute: float) -> Total:
        """Ballots cast by a minute since the polls opened, with a 90 % interval."""
        middle = self._ballots * float(np.interp(minute, self._minutes, self._cast))
        return Total(middle, middle / self._factor, middle * self._factor)
