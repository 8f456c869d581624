"""Which alerts are over, and which still stand, as the model and people ended them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from warroom.domain.alerts import Alert
from warroom.domain.handling import Handling, put_away
from warroom.store.wire import epoch_ms


@dataclass(frozen=True)
class Ended:
    """An alert that is over since `at_ms` (epoch); `by_people`: somebody resolved it before the model closed it."""

    alert: Alert
    at_ms: int
    by_people: bool = False


def standing(alerts: Iterable[Alert], handlings: Mapping[str, Handling]) -> list[Alert]:
    """Those that neither the model nor people have ended; at a shelved site too: it is only out of sight."""
    return [a for a in alerts if a.status != "closed" and not put_away(a, handlings.get(a.id))]


def ended(alerts: Iterable[Alert], handlings: Mapping[str, Handling]) -> list[Ended]:
    """Those that the model closed or people resolved, by what came first. A dismissed one was false: it is not over."""
    return [over for alert in alerts if (over := _end(alert, handlings.get(alert.id))) is not None]


def _end(alert: Alert, handling: Handling | None) -> Ended | None:
    ends = []
    if alert.status == "closed" and alert.closed_at is not None:
        ends.append((epoch_ms(alert.closed_at), False))
    if handling is not None and put_away(alert, handling):
        if handling.stage.status == "dismissed":
            return None
        ends.append((handling.history[-1].decision.at_ms, True))  # the step that brought it to where it stands
    return Ended(alert, *min(ends)) if ends else None
