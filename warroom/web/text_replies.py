"""Answers to the campaign's texts, out of the same inbound webhook as volunteers' reports. Their words are not kept."""

import logging
import os
from collections.abc import Mapping

from warroom.store.client import Client
from warroom.store.outbox import Outbox
from warroom.texting.contacts import ContactStore
from warroom.texting.replies import alone, answer_of, meaning
from warroom.texting.vault import VaultError, wrapping_key

logger = logging.getLogger(__name__)


class TextReplies:
    """Takes STOP, START and replies. Without the key of the contacts no number can be looked up: it says so."""

    def __init__(self, client: Client, environ: Mapping[str, str] = os.environ) -> None:
        self._outbox = Outbox(client)
        try:
            self._contacts: ContactStore | None = ContactStore(client, wrapping_key(environ))
        except VaultError as error:
            self._contacts, self._why = None, str(error)

    def take(self, sender: str, text: str, opt_out_type: str, is_volunteer: bool) -> str | None:
        """What is answered ('': nothing); None where it is not for texting. Raises RedisError.

        A volunteer's message is for the reports, unless it is nothing but STOP or START.
        """
        if is_volunteer and not alone(text):
            return None
        means = meaning(text, opt_out_type)
        if self._contacts is None:
            if means != "stop":
                return None
            logger.error("texting: a STOP could not be kept, only the provider's own list has it: %s", self._why)
            return ""
        digest = self._contacts.digests.digest(sender)
        if means == "stop":
            self._contacts.opt_out(sender)
            self._outbox.answered(digest, "opted_out")
            return answer_of(text, opt_out_type)
        if means == "start" and self._contacts.opt_in(sender):
            return ""
        if not self._outbox.was_texted(digest):
            return None
        if means == "reply":
            self._outbox.answered(digest, "replied")
        return ""

    def told_by_provider(self, number: str) -> None:
        """The provider says that this number has opted out. Raises RedisError."""
        if self._contacts is None:
            logger.error("texting: an opt-out could not be kept: %s", self._why)
            return
        self._contacts.opt_out(number)
