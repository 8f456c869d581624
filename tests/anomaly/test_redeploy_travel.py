"""Travel times and recovery curves: known distances, a real local router, and what the curves promise."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from anomaly.osrm import OsrmTable
from anomaly.recovery import RecoveryModel, recovery_curves
from anomaly.redeploy_terms import Helper, Need
from anomaly.roads import ByRoad
from anomaly.travel import Streets, great_circle_km
from warroom.travel import travel_from

HALL, MILL, NOWHERE = (42.9, -69.2), (42.93, -69.2), (np.nan, np.nan)


def test_the_distance_from_paris_to_london_is_right():
    km = great_circle_km(np.array([[48.8566, 2.3522]]), np.array([[51.5074, -0.1278]]))[0, 0]
    assert km == pytest.approx(343.6, abs=0.5)


def test_who_has_a_car_walks_where_that_is_sooner():
    minutes = Streets().minutes(np.array([HALL, HALL]), np.array([True, False]), np.array([HALL, MILL, NOWHERE]))
    assert minutes[0, 0] == minutes[1, 0] == pytest.approx(0, abs=1e-6)
    assert minutes[0, 1] < 20 < minutes[1, 1]
    assert np.isnan(minutes[:, 2]).all()


class _Router(BaseHTTPRequestHandler):
    """Answers OSRM's table question with 60 s for each step of the indices; foot is ten times slower."""

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        _, table, _, profile, places = asked.path.split("/")
        self.server.asked += 1
        query = parse_qs(asked.query, separator="&")
        rows, columns = (query[k][0].split(";") for k in ("sources", "destinations"))
        assert table == "table" and len(places.split(";")) == len(rows) + len(columns)
        pace = 60.0 if profile == "driving" else 600.0
        durations = [[pace * (i + j + 1) if j != 1 else None for j in range(len(columns))] for i in range(len(rows))]
        body = json.dumps(self.server.answer or {"code": "Ok", "durations": durations}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args) -> None: ...


@pytest.fixture
def router():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Router)
    server.answer, server.asked = None, 0
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def people(*places: tuple[float, float], has_car: bool = True) -> list[Helper]:
    return [Helper(volunteer_id=f"V{k}", site_id=f"S{k}", lat=lat, lon=lon, has_car=has_car)
            for k, (lat, lon) in enumerate(places)]  # fmt: skip


def wanted(*places: tuple[float | None, float | None]) -> list[Need]:
    short = {"shortfall": 9.0, "shortfall_low": 5.0, "shortfall_high": 12.0}
    return [Need(precinct_id=f"P{k}", site_id=f"S{k}", lat=lat, lon=lon, **short)
            for k, (lat, lon) in enumerate(places)]  # fmt: skip


def formula(from_place, to_place, has_car: bool = True) -> float:
    return pytest.approx(Streets().minutes(np.array([from_place]), np.array([has_car]), np.array([to_place]))[0, 0])


def by_road(router, **facts) -> ByRoad:
    return ByRoad(OsrmTable(f"http://127.0.0.1:{router.server_port}/", timeout_s=5), **facts)


def test_a_router_is_asked_by_profile_once_a_pair_and_its_gaps_are_filled_by_the_formula(router):
    roads, needs = by_road(router), wanted(HALL, MILL, (None, None))
    everybody = [*people(HALL), *people(MILL, has_car=False)]
    for _ in range(2):
        minutes = roads.minutes(everybody, needs)
        assert minutes[0, 0] == 1.0 and minutes[1, 0] == 10.0
        assert minutes[0, 1] == formula(HALL, MILL)
        assert np.isnan(minutes[:, 2]).all()
    assert router.asked == 2  # one question a profile, and none when the same is asked again
    assert roads.words == "by road"


@pytest.mark.parametrize("answer", [{"code": "NoTable"}, {"code": "Ok", "durations": [[1]]}, [1], "no"])
def test_a_router_that_gives_no_table_leaves_the_formula_says_so_once_and_is_asked_again_later(router, answer, caplog):
    now = [0.0]
    roads, needs = by_road(router, clock_s=lambda: now[0]), wanted(HALL, MILL)
    router.answer = answer
    for now[0] in (0.0, 30.0):
        assert roads.minutes(people(HALL), needs)[0, 1] == formula(HALL, MILL)
        assert roads.words == "by coordinates: the road router does not answer"
    assert router.asked == 1 and caplog.text.count("gave no travel times") == 1
    assert str(router.server_port) not in caplog.text  # an address may hold a token
    router.answer, now[0] = None, 61.0
    assert roads.minutes(people(HALL), needs)[0, 0] == 1.0
    assert roads.words == "by road"


def test_a_router_that_is_not_there_costs_one_question():
    roads = ByRoad(OsrmTable("http://127.0.0.1:9", timeout_s=1))
    assert roads.minutes(people(HALL), wanted(MILL))[0, 0] == formula(HALL, MILL)
    assert "does not answer" in roads.words


def test_a_matrix_of_sites_wins_over_coordinates_and_its_faults_are_told_by_line(tmp_path, caplog):
    file = tmp_path / "travel.csv"
    file.write_text("from_site,to_site,minutes\nS0,S1,3.5\nS0,S2,soon\n,S1,4\n")
    times = travel_from({"WARROOM_TRAVEL_FILE": str(file)})
    minutes = times.minutes(people(HALL, MILL), wanted(HALL, MILL))
    assert minutes[0, 1] == 3.5
    assert minutes[1, 0] == formula(MILL, HALL)
    assert times.words.startswith("from a matrix of 1 pairs")
    assert "line 3" in caplog.text and "line 4" in caplog.text and "soon" in caplog.text


def test_settings_that_cannot_be_used_leave_the_coordinates(tmp_path, caplog):
    assert travel_from({}) is None
    assert travel_from({"WARROOM_TRAVEL_URL": "file:///etc/passwd"}) is None
    assert "http://" in caplog.text and "passwd" not in caplog.text
    away = travel_from({"WARROOM_TRAVEL_FILE": str(tmp_path / "none.csv")})
    assert "no usable row" in away.words
    assert away.minutes(people(HALL), wanted(MILL))[0, 0] == formula(HALL, MILL)


def _needs(*shortfalls: float, **facts) -> list[Need]:
    return [
        Need(precinct_id=f"P{k}", shortfall=s, shortfall_low=s / 2, shortfall_high=s * 2, **facts)
        for k, s in enumerate(shortfalls)
    ]


def test_recovery_grows_ever_more_slowly_and_never_passes_what_can_be_won():
    model = RecoveryModel()
    curves = recovery_curves(model, _needs(5.0, 40.0, 400.0))
    hours = np.linspace(0, 500, 200)
    for k in range(3):
        won = curves.value(np.full(200, k), hours)
        assert won[0] == 0 and (np.diff(won) >= -1e-12).all() and (np.diff(won, 2) <= 1e-9).all()
        assert won[-1] <= curves.winnable[k].max()
        assert won[1] / hours[1] <= model.voters_per_hour
        assert curves.one(k, 7.0) == pytest.approx(float(curves.value(np.array([k]), np.array([7.0]))[0]))


def test_the_chords_lie_on_or_below_the_curve():
    curves = recovery_curves(RecoveryModel(), _needs(0.0, 12.0, 90.0))
    width, slope = curves.segments()
    assert (np.diff(slope, axis=1) <= 1e-12).all()
    ends, chord = np.cumsum(width, axis=1), np.cumsum(width * slope, axis=1)
    assert chord == pytest.approx(curves.value(np.arange(3)[:, None], ends))


def test_few_voters_left_at_home_bound_what_can_be_won():
    few, many = (recovery_curves(RecoveryModel(), _needs(80.0, unvoted=u)) for u in (50.0, 5000.0))
    hours = np.array([40.0])
    assert few.value(np.array([0]), hours)[0] < 3 < many.value(np.array([0]), hours)[0]


def test_a_shortfall_that_may_not_be_real_has_a_low_end_of_nothing():
    curves = recovery_curves(RecoveryModel(), _needs(40.0, probability=0.7))
    low, high = curves.bounds(np.array([0]), np.array([3.0]), RecoveryModel())
    assert low[0] == 0.0 < high[0]
