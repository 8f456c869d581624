"""What the API says of itself holds: schemathesis makes requests from the description and checks the answers."""

from urllib.parse import quote

import pytest
import schemathesis
from doors_served import new_key
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from warroom.access.shared_keys import Access
from warroom.web.app import create_app

OPEN = Access(wall_key="", director_key="", open_room=True)
QUIET = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck), database=None)
CONTRADICTIONS = {"empty_correction", "two_corrections"}  # of fields that are well formed each by itself


@pytest.fixture(scope="module")
def app(server):
    return create_app(server.url, OPEN)


@pytest.fixture
def described(app, live):
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    return schema


@pytest.mark.parametrize(
    ("path", "mode"),
    [("/api/v1/reports", GenerationMode.POSITIVE), ("/api/v1/reports", GenerationMode.NEGATIVE),
     ("/api/v1/sms/twilio", GenerationMode.NEGATIVE), ("/api/v1/texts/twilio/status", GenerationMode.NEGATIVE)],
)  # fmt: skip
def test_every_answer_is_as_described(described, live, path, mode):
    sender = {"Authorization": f"Bearer {new_key(live, per_minute=1_000_000)}"}
    answered = set()

    @QUIET
    @given(case=described[path]["POST"].as_strategy(generation_mode=mode))
    def check(case):
        response = case.call(headers=sender)
        answered.add(response.status_code)
        # a report may be of the described form and yet of no precinct of this day: 422 is an honest answer to it
        case.validate_response(response, headers=sender, excluded_checks=[positive_data_acceptance])

    check()
    assert answered


def test_a_report_of_the_described_form_at_a_place_of_the_day_is_accepted(described, live, at):
    sender = {"Authorization": f"Bearer {new_key(live, per_minute=1_000_000)}"}
    operation, kinds = described["/api/v1/reports"]["POST"], set()
    home = {"source": "vendor", "corrects_source": "vendor", "precinct": "P1", "site": "S1", "at": at(30).isoformat()}

    @QUIET
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def check(case):
        bodies = case.body if isinstance(case.body, list) else [case.body]
        if case.media_type != "application/json" or not bodies:
            return
        for body in bodies:
            body |= {name: value for name, value in home.items() if name in body or name == "precinct"}
            body.pop("received", None)
        results = case.call(headers=sender).json()["results"]
        kinds.update(body["kind"] for body in bodies)
        refused = [(row["reason"], row["field"]) for row in results if row["status"] == "rejected"]
        assert {reason for reason, _ in refused} <= CONTRADICTIONS, (quote(str(bodies)), refused)

    check()
    assert len(kinds) >= 5
