"""schemathesis asks every operation of the API, as each role: no server fault, and no role does what it may not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.access.conftest import KEYED
from tests.security.routes import is_own
from warroom.access.policy import Policy
from warroom.access.roles import LOCAL, MAY, REGIONAL, ROLES, Grant
from warroom.access.shared_keys import COOKIE
from warroom.web.app import create_app

ENDLESS = {"/api/v1/stream"}
ANSWERS = {400, 401, 403, 404, 405}  # what nobody hears


def quiet(examples: int) -> settings:
    """Few examples: every role asks every operation."""
    return settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None,
                    phases=[Phase.generate])  # fmt: skip


@pytest.fixture(scope="module")
def app(server):
    """One application for all roles."""
    return create_app(server.url, KEYED)


@pytest.mark.parametrize(
    ("role", "mode", "examples"),
    [*((role, GenerationMode.POSITIVE, 2) for role in ("nobody", *ROLES)), ("director", GenerationMode.NEGATIVE, 5)],
)
def test_every_operation(app, signed_in, two_regions, role, mode, examples):
    app.state.doors.sessions._key = None  # the store was emptied since the last test: its key is new
    app.state.doors.forget()
    grants = () if role == "nobody" else (Grant(role, "North" if role in REGIONAL else ""),)
    cookies = {COOKIE: signed_in(f"{role}.one", *grants).cookies[COOKIE]}  # without a grant it opens nothing
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    policy, asked = Policy(app.routes), set()

    def one(case):
        answer = case.call(cookies=cookies, base_url="http://room")
        where = (role, case.method, case.formatted_path, answer.status_code)
        assert answer.status_code < 500 or answer.status_code == 503, where
        asked.add((case.method, case.operation.path))
        if role == "nobody":
            assert answer.status_code in ANSWERS, where
            return
        need = policy.need(case.method, case.formatted_path)
        may = role in MAY[need.action] and (role not in REGIONAL or need.regional or need.action not in LOCAL)
        assert may or answer.status_code >= 400, where

    for operation in (found.ok() for found in schema.get_all_operations()):
        if not is_own(operation.path) and operation.path not in ENDLESS:
            try:
                quiet(examples)(given(case=operation.as_strategy(generation_mode=mode))(one))()
            except Unsatisfiable:
                assert mode is GenerationMode.NEGATIVE  # nothing malformed can be made where nothing is asked
    assert ("POST", "/api/v1/decide") in asked
    assert len(asked) > 12
