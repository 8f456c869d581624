"""The room with people of tests/access, attacked."""

from tests.access.conftest import (  # noqa: F401
    accounts,
    app,
    audit_file,
    browser,
    doors,
    invited,
    signed_in,
    two_regions,
)
