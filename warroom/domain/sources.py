"""Who sends: a source is a system or a watcher's code, never a person's name. Pure."""

from collections.abc import Collection

PEOPLES_DOORS = frozenset({"phone", "sms", "entry"})  # below these every name is another sender


def sender_of(source: str) -> str:
    """The sender behind a source. A key may name sources below its own; they are one sender, and vouch for nobody.

    >>> sender_of("vendor/north"), sender_of("site S12"), sender_of("phone/7f3a")
    ('vendor', 'site S12', 'phone/7f3a')
    """
    first, slash, rest = source.partition("/")
    return f"{first}/{rest.partition('/')[0]}" if slash and first in PEOPLES_DOORS else first


def is_held(source: str, held: Collection[str]) -> bool:
    """Whether a source, or one above it, is among the held: as `warroom/tally/reach.lua` has it.

    >>> is_held("vendor/north", {"vendor"}), is_held("vendor", {"vendor/north"}), is_held("vendors", {"vendor"})
    (True, False, False)
    """
    return bool(held) and any(source == one or source.startswith(f"{one}/") for one in held)
