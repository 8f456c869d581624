"""One list of the ways out: the kinds that texting.toml may name are the files that open a sender."""

import pkgutil
from importlib import import_module
from typing import get_args

import pytest

from warroom.texting import senders
from warroom.texting.rules import SenderKind
from warroom.texting.senders.registry import SenderError, open_sender


def test_every_kind_has_its_file_and_every_sender_its_kind():
    names = [info.name for info in pkgutil.iter_modules(senders.__path__) if info.name != "registry"]
    opens = {n for n in names if hasattr(import_module(f"{senders.__name__}.{n}"), "open_sender")}
    assert opens == set(get_args(SenderKind))
    for kind in opens - {"dryrun"}:
        with pytest.raises(SenderError, match="WARROOM_"):
            open_sender(kind, {})
