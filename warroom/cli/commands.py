"""Which module holds which command. A part that starts, or starts again after a fault, loads its own module only."""

from importlib import import_module

import typer

HELP = "Election-day war room: who should have voted by now, where they have not, and who goes there."
MODULES: dict[str, tuple[str, ...]] = {
    "machine": ("demo", "replay", "up"),
    "parts": ("feed", "load", "moves", "tally", "watch", "web"),
    "produce": ("produce",),
    "backtest": ("backtest",),
    "bench": ("bench",),
    "day": ("check", "day"),
    "model": ("model",),
    "history": ("history",),
    "key": ("key",),
    "report": ("report",),
    "rejected": ("rejected",),
    "codes": ("codes",),
    "account": ("account", "wall-token"),
    "audit": ("audit",),
    "text": ("text",),
    "purge": ("purge",),
}

# bad input that a person can mend: said in words, exit code 2, no traceback. By name, so that none is loaded for it.
MENDABLE = frozenset(
    {
        "NotADirectoryError",
        "feeds._feed.FeedError",
        "feeds._url.FeedURLError",
        "warroom.access.accounts.AccountError",
        "warroom.dayfolder.faults.DayFolderError",
        "warroom.dayfolder.template.FolderNotEmptyError",
        "warroom.store.codes.NoCodeKeyError",
        "warroom.store.codes.UnknownVolunteerError",
        "warroom.store.day.NoDayError",
        "warroom.store.day.OtherDayError",
        "warroom.store.server.StoreUnavailable",
        "warroom.texting.contactlist.ContactsError",
        "warroom.texting.rules.TextingError",
        "warroom.texting.senders.base.SenderError",
        "warroom.texting.vault.VaultError",
        "warroom.access.shared_keys.AccessError",
    }
)


def command_line(wanted: str = "") -> typer.Typer:
    """The command line with the module of one command, or with all of them where there is no such command."""
    app = typer.Typer(
        name="warroom", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=HELP
    )
    app.callback()(_nothing)  # so that one command alone is still called by its name
    chosen = [module for module, commands in MODULES.items() if wanted in commands] or list(MODULES)
    for module in chosen:
        import_module(f"warroom.cli.{module}").add_to(app)
    return app


def is_mendable(error: BaseException) -> bool:
    """Whether the text of an error is meant for the person at the keyboard."""
    return any(_name(kind) in MENDABLE for kind in type(error).__mro__)


def _name(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _nothing() -> None:
    pass
