"""The terms of redeployment: who may go, where help is needed, the limits, and the answer.

Ids only: no name and no phone number of a person enters or leaves. Times are minutes from
the opening of the polls (`ElectionDay.minute_of`), lengths are minutes or hours as named,
values are voters.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from anomaly.arrays import Floats
from anomaly.recovery import RecoveryModel
from anomaly.travel import Streets

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Helper:
    """One volunteer now. `site_id` and `precinct_id` are the present assignment ('' for none).

    `covers` says that the person counts towards the floor of their site (a poll watcher; a
    canvasser out at the doors does not). `shift_end_min` None means until the polls close.
    Without a position the person can be moved only within their own site. whose shift has
    not begun is not moved, but covers the site once it begins.
    """

    volunteer_id: str
    site_id: str = ""
    precinct_id: str = ""
    covers: bool = False
    lat: float | None = None
    lon: float | None = None
    has_car: bool = False
    languages: frozenset[str] = NONE
    shift_start_min: float | None = None
    shift_end_min: float | None = None
    break_at_min: float | None = None
    break_minutes: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One precinct in trouble.

    `shortfall`, `shortfall_low`, `shortfall_high`: voters missing that could still vote, median
    and 90 % interval; `probability` (0-1) that the trouble is real. `kind` is an alert kind the
    recovery model knows. `unvoted`: voters of the precinct who could be canvassed and have not
    voted, where known. One of `helpful_languages` helps. `max_people`: the most that find work there at one time.
    """

    precinct_id: str
    shortfall: float
    shortfall_low: float
    shortfall_high: float
    probability: float = 1.0
    kind: str = "low_turnout"
    name: str = ""
    site_id: str = ""
    lat: float | None = None
    lon: float | None = None
    unvoted: float | None = None
    helpful_languages: frozenset[str] = NONE
    max_people: int = 6


@dataclass(frozen=True, kw_only=True)
class RedeployLimits:
    """What a suggestion must hold to, what moving people costs, and how hard to search.

    Costs are in voters. An hour of a canvasser in a precinct without trouble is held to be
    worth `ordinary_hour_voters`, an hour of a poll watcher above the floor
    `watcher_hour_voters`: nobody is moved for less. `churn_voters` is paid for each suggestion
    of the last solve that is not made again. A plan looks `horizon_hours` ahead: after that a
    person is free for the next plan, so that nobody is left where little remains to be won.
    """

    floor_people: int = 1
    max_moves: int | None = None
    max_travel_minutes: float = 45.0
    notice_minutes: float = 5.0
    min_hours_there: float = 0.5
    horizon_hours: float = 3.0
    last_contact_minutes: float = 30.0  # a voter found later than this before the close cannot get there
    ordinary_hour_voters: float = 0.15
    watcher_hour_voters: float = 0.15
    move_voters: float = 0.05
    churn_voters: float = 0.25
    look_at_all_pairs: int = 250_000  # below this no pair is left out unseen
    best_per_helper: int = 4
    nearest_per_need: int = 3
    time_limit_s: float = 1.3


@dataclass(frozen=True, kw_only=True)
class RedeployProblem:
    """Everything `suggest` looks at.

    `travel_minutes`, shape (helpers, needs) in the order given, wins over the formula of
    `streets` wherever it is not NaN (inf: cannot get there). `previous`: {volunteer_id:
    precinct_id} suggested last time and still undecided. `locked`: accepted (volunteer,
    precinct) pairs; `refused`: pairs not to be suggested again; `held`: volunteers to leave alone.
    `opens_clock_minutes`: local clock at the opening, minutes after midnight, for the words only.
    """

    helpers: tuple[Helper, ...]
    needs: tuple[Need, ...]
    now_min: float
    close_min: float
    opens_clock_minutes: int = 420
    travel_minutes: Floats | None = None
    streets: Streets = field(default_factory=Streets)
    model: RecoveryModel = field(default_factory=RecoveryModel)
    limits: RedeployLimits = field(default_factory=RedeployLimits)
    site_names: Mapping[str, str] = field(default_factory=dict)
    precinct_names: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    locked: frozenset[tuple[str, str]] = frozenset()
    refused: frozenset[tuple[str, str]] = frozenset()
    held: frozenset[str] = NONE


@dataclass(frozen=True, kw_only=True, slots=True)
class Move:
    """One suggestion. `expected_voters` is this person's share of what the precinct wins back.

    `expected_low` to `expected_high`: the shortfall's and the contact effect's 90 % bounds taken
    together, so wider than 90 %; it bounds the expectation, not one afternoon's luck.
    `origin_voters` is what leaving costs, in voters; `cost_at_origin` says it in words.
    """

    volunteer_id: str
    from_site: str
    from_precinct: str
    to_precinct: str
    to_site: str
    by_car: bool
    travel_minutes: float
    travel_km: float | None
    arrives_min: float
    leaves_min: float
    hours_there: float
    expected_voters: float
    expected_low: float
    expected_high: float
    voters_per_hour: float  # per hour of travel and work together
    origin_voters: float
    cost_at_origin: str
    why: str
    locked: bool = False
    kept: bool = False  # was suggested last time too


@dataclass(frozen=True, kw_only=True, slots=True)
class SolveFacts:
    """How the plan was found.

    `status`: exact (small problem, solved to optimality), optimal (the flow programme to its
    optimum), time_limit (best found by then), greedy (the programme gave nothing better), or
    empty (nothing to decide). `gap`: share of the objective by which the programme's own
    optimum exceeds the plan's worth on the true curves; None where there is none.
    """

    status: str
    seconds: float
    gap: float | None
    candidates: int
    helpers: int
    needs: int
    objective: float


@dataclass(frozen=True, kw_only=True, slots=True)
class RedeployPlan:
    """Moves ordered by voters per hour, most first, then by id. Totals are sums over `moves`.

    `unmet_locks`: (volunteer, precinct, reason) of accepted moves that cannot be kept.
    """

    moves: tuple[Move, ...]
    expected_voters: float
    origin_voters: float
    volunteer_hours: float  # travel and work
    voters_per_hour: float
    travel_km: float
    changed: int  # suggestions of the last solve not made again
    solve: SolveFacts
    unmet_locks: tuple[tuple[str, str, str], ...] = ()
