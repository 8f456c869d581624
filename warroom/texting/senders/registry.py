"""Opens the sender that texting.toml names: a kind is the name of its file here. Secrets come from the environment."""

import os
from collections.abc import Mapping
from importlib import import_module

from warroom.texting.rules import SenderKind
from warroom.texting.senders.base import Sender, SenderError

__all__ = ["SenderError", "open_sender"]


def open_sender(kind: SenderKind, environ: Mapping[str, str] = os.environ) -> Sender:
    """The sender of this kind. Raises SenderError where its settings are missing."""
    module = import_module(f"warroom.texting.senders.{kind}")
    sender: Sender = module.open_sender(environ)
    return sender
