"""A request as a contact CSV for Spoke's upload page, for a Spoke that this room cannot sign in to.

Columns as Spoke asks for them: firstName, lastName, cell, external_id; `message` is a custom field. The script
in Spoke is then `{message}`. The file holds people in the clear: it is readable by its owner alone, and whoever
uploaded it deletes it.
"""

import asyncio
import csv
import hashlib
import io
import os
from pathlib import Path

from warroom.domain.csv_cells import safe_cell
from warroom.texting.senders.base import Batch, Outgoing, Receipt

COLUMNS = ("firstName", "lastName", "cell", "external_id", "message")


def contact_csv(batch: Batch) -> str:
    """The file's text. `cell` goes without its +, which would be a formula; Spoke reads national numbers too."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for m in batch.messages:
        writer.writerow([safe_cell(m.first_name), "", m.to.removeprefix("+"), safe_cell(m.person), safe_cell(m.text)])
    return out.getvalue()


class SpokeFiles:
    """One file a request in a folder of this machine."""

    name = "Spoke, by file"

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)

    async def send(self, message: Outgoing) -> Receipt:
        """Not this way."""
        return Receipt(outcome="failed", reason="Spoke takes whole requests")

    async def hand_over(self, batch: Batch) -> Receipt:
        """Write the file; `sent` means that it is there to be uploaded."""
        return await asyncio.to_thread(self._write, batch)

    def _write(self, batch: Batch) -> Receipt:
        # a request's id holds outside words: the name is made of its digest
        path = self._folder / f"spoke-{hashlib.sha256(batch.key.encode()).hexdigest()[:12]}.csv"
        part = path.with_suffix(".part")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                out.write(contact_csv(batch))
            part.replace(path)
        except OSError as error:
            return Receipt(outcome="later", reason=f"the file cannot be written ({error.strerror})", trouble=True)
        return Receipt(outcome="sent", reason=f"{path.name}: upload it to Spoke, then delete it")

    async def close(self) -> None:
        """Nothing is held."""
