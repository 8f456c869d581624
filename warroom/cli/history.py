"""`warroom history`: the process that computes the replay."""

import typer

from warroom.cli.parts import Data, stop_on_signal
from warroom.settings import connect_store


def add_to(app: typer.Typer) -> None:
    """Add this command to the command line."""
    app.command()(history)


def history(data: Data = None) -> None:
    """Compute the replay of the day when a page asks for it. Run one; it idles until then.

    Example: REDIS_URL=redis://10.0.0.5/0 warroom history
    """
    from warroom.history.worker import History

    History(connect_store(data)).run(stop_on_signal())
