"""What stays open is looked at again: an event stream or a socket ends soon after the right to it has."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import anyio

LOOK_AGAIN_S = 5.0  # what is open ends at most so long after a session, a key or a role
REFUSED = 1008  # the close code of a socket whose right is over

log = logging.getLogger(__name__)


async def while_allowed(work: Callable[[], Awaitable[None]], over: Callable[[], Awaitable[str]]) -> str:
    """Run `work` until it ends by itself, or until `over` names a reason: then it is cancelled.

    `over` is asked every LOOK_AGAIN_S, whether anything passes or not, and gives '' while all is well.
    Returns the reason, or '' where the work came to its own end. Raises what `work` raises.
    """
    why = ""
    with anyio.CancelScope() as until:

        async def look() -> None:
            nonlocal why
            while not why:
                await asyncio.sleep(LOOK_AGAIN_S)
                try:
                    why = await over()
                except Exception:  # whoever cannot be asked about must not stay
                    log.exception("looking again at what is open failed")
                    why = "it cannot be told whether you may stay; connect again"
            until.cancel()

        looking = asyncio.create_task(look())
        try:
            await work()
        finally:
            looking.cancel()
        return ""
    return why
