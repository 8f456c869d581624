"""The default: sends nothing. Every message counts as delivered, so that a drill shows the whole path."""

from collections.abc import Mapping

from warroom.texting.senders.base import Outgoing, Receipt


class DryRun:
    """Takes every message and keeps none."""

    name = "dry run"

    async def send(self, message: Outgoing) -> Receipt:
        """Delivered, to nobody."""
        return Receipt(outcome="delivered", provider_id=f"dry-{message.key}", reason="dry run: nothing was sent")

    async def close(self) -> None:
        """Nothing is held."""


def open_sender(_environ: Mapping[str, str]) -> DryRun:
    """It needs no settings."""
    return DryRun()
