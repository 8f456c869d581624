"""Runs every check of the folder. A check that cannot look says so; it never keeps another from looking."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Protocol

import msgspec
import redis

from warroom import readiness
from warroom.readiness._finding import Finding, NotLooked
from warroom.readiness._place import Place


class Check(Protocol):
    """A module of this folder. ORDER is its place in the evening, TITLE what stands above its findings."""

    ORDER: int
    TITLE: str

    def look(self, place: Place) -> Any:
        """Gather facts. Raises NotLooked where there is nothing to look at."""

    def judge(self, facts: Any) -> list[Finding]:
        """What the facts mean. Pure."""


class Found(msgspec.Struct, frozen=True):
    """What one check found."""

    check: str
    title: str
    findings: list[Finding]


def checks() -> dict[str, Check]:
    """{name: check} in the order of the evening: every module of this folder without an underscore in front."""
    names = [m.name for m in pkgutil.iter_modules(readiness.__path__) if not m.name.startswith("_")]
    found: dict[str, Any] = {name: import_module(f"{readiness.__name__}.{name}") for name in names}
    return dict(sorted(found.items(), key=lambda item: item[1].ORDER))


def run(place: Place) -> Iterator[Found]:
    """Every check, one after the other."""
    for name, check in checks().items():
        yield Found(name, check.TITLE, one(check, place))


def one(check: Check, place: Place) -> list[Finding]:
    """What one check finds here."""
    title = check.TITLE
    try:
        return check.judge(check.look(place))
    except NotLooked as why:
        return [Finding(title, "unknown", f"not looked at: {why.what}", why.remedy)]
    except redis.RedisError as error:
        what = f"not looked at: the store did not answer ({type(error).__name__}: {error})"
        return [Finding(title, "unknown", what, "see the findings under Store, mend those, and check again")]
    except OSError as error:
        return [Finding(title, "unknown", f"not looked at: {error}", "mend what is named here, and check again")]
