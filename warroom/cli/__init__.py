"""The command line: one command a part, and a few that wire the parts together."""

import logging
import sys
from typing import Any

from warroom.cli.commands import command_line, is_mendable


def __getattr__(name: str) -> Any:
    """`warroom.cli.app`: the whole command line, for whoever wants all of it."""
    if name == "app":
        return command_line()
    raise AttributeError(name)


def main() -> None:
    """Run one command; bad input ends with exit code 2 and a message that says what to do."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        command_line(sys.argv[1] if len(sys.argv) > 1 else "")()
    except Exception as error:
        if not is_mendable(error):
            raise
        print(f"warroom: {error}", file=sys.stderr)
        sys.exit(2)
