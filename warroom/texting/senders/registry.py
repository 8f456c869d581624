"""Opens the sender that texting.toml names. Secrets come from the environment."""

import os
from collections.abc import Mapping
from importlib import import_module

from warroom.texting.senders.base import Sender, SenderError

__all__ = ["MODULES", "SenderError", "open_sender"]
MODULES = {"dryrun": "dryrun", "twilio": "twilio", "spoke": "spoke", "webhook": "webhook"}


def open_sender(kind: str, environ: Mapping[str, str] = os.environ) -> Sender:
    """The sender of this kind. Raises SenderError where its settings are missing."""
    module = import_module(f"warroom.texting.senders.{MODULES[kind]}")
    sender: Sender = module.open_sender(environ)
    return sender
