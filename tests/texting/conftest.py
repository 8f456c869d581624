"""What every test of texting finds: the small day with its list."""

from tests.texting.made_room import room  # noqa: F401
