"""Joins redeployment to the store: a process of its own, so that a solve never holds up the board."""

import logging
import threading
import time
from dataclasses import replace

import msgspec
import redis

from anomaly.arrivals import arrivals
from anomaly.dispatch import Room, absent_in, ask, plan_rows
from anomaly.redeploy import suggest
from anomaly.roads import BY_COORDINATES, TravelTimes
from warroom.domain.handling import Deadlines, NotAllowed
from warroom.domain.reports import Shift
from warroom.domain.volunteers import Whereabouts
from warroom.store.board import BoardStore
from warroom.store.client import Client, trouble
from warroom.store.day import DayClock, read_day, read_roster
from warroom.store.events import EventReader
from warroom.store.moves import MovesStore
from warroom.store.people import PeopleStore
from warroom.store.wire import epoch_ms

logger = logging.getLogger(__name__)

SOLVE_EVERY_S = 20.0  # wall time: people read a suggestion before it may change
LOOK_EVERY_S = 1.0  # for arrivals
SHOWN_MOVES = 60


class Moves:
    """Suggests moves for the alerts that are open, again and again. `travel`: by coordinates, unless given."""

    def __init__(self, client: Client, deadlines: Deadlines | None = None, travel: TravelTimes | None = None) -> None:
        self._deadlines = deadlines or Deadlines()
        self._travel = travel
        self._day = read_day(client)
        self._roster = read_roster(client)
        self._board = BoardStore(client)
        self._people = PeopleStore(client)
        self._events = EventReader(client)
        self._clock = DayClock(client)
        self._store = MovesStore(client)
        self._site_of = {p.precinct_id: p.site_id for p in self._roster.precincts}

    def run(self, stop: threading.Event) -> None:
        """Note arrivals every second and solve every 20 until `stop`; a store that is away is waited for."""
        solve_due_s = 0.0
        while not stop.is_set():
            try:
                self.note_arrivals()
                if time.monotonic() >= solve_due_s:
                    self.solve()
                    solve_due_s = time.monotonic() + SOLVE_EVERY_S
            except redis.RedisError as error:
                logger.warning("moves: %s; trying again", trouble(error))
            stop.wait(LOOK_EVERY_S)

    def note_arrivals(self) -> None:
        """Alerts whose helper reports from the place become "on site"."""
        handlings = self._board.handlings.all()
        if not any(h.stage.status == "dispatched" for h in handlings.values()):
            return
        for arrival in arrivals(self._board.alerts(), handlings, self._moved(), self._site_of):
            try:
                self._board.handlings.decide(arrival.alert, arrival.decision, self._deadlines)
            except NotAllowed as refused:
                logger.info("arrival for %s not noted: %s", arrival.alert.id, refused)

    def solve(self) -> None:
        """Look at the room as it is now and publish the moves that would win most."""
        now_ms = epoch_ms(self._clock.now())
        before = self._store.plan() or {"moves": []}
        refused = frozenset((r.volunteer, r.precinct) for r in self._store.refused())
        asked = ask(self._room(now_ms), {m["volunteer"]: m["precinct"] for m in before["moves"]}, refused)
        if asked.problem.now_min >= asked.problem.close_min:
            self._store.put(msgspec.json.encode({**_NOTHING, "at_ms": now_ms}))
            return
        problem, words = asked.problem, BY_COORDINATES
        if self._travel is not None:
            problem = replace(problem, travel_minutes=self._travel.minutes(problem.helpers, problem.needs))
            words = self._travel.words
        rows = plan_rows(suggest(problem), asked, now_ms, words)
        rows["moves"] = rows["moves"][:SHOWN_MOVES]
        self._store.put(msgspec.json.encode(rows))

    def _moved(self) -> dict[str, Whereabouts]:
        moved: dict[str, Whereabouts] = {}
        for event in self._events.newest(["shift"]).values():
            if isinstance(event, Shift):
                moved[event.volunteer] = Whereabouts(
                    volunteer_id=event.volunteer, status=event.status, at_ms=epoch_ms(event.at),
                    site_id=event.site or "", precinct_id=event.precinct or "",
                )  # fmt: skip
        return moved

    def _room(self, now_ms: int) -> Room:
        return Room(
            day=self._day, precincts=self._roster.precincts, sites=self._roster.sites,
            alerts=[a for a in self._board.alerts() if a.status != "closed"],
            handlings=self._board.handlings.all(), volunteers=self._people.volunteers(),
            shifts=self._people.shifts(), moved=self._moved(), now_ms=now_ms, absent=absent_in(self._people.coverage()),
        )  # fmt: skip


_NO_SOLVER = {"status": "closed", "helpers": 0, "needs": 0}
_NOTHING = {"travel": "", "moves": [], "voters": 0, "hours": 0, "changed": 0, "solver": _NO_SOLVER}
