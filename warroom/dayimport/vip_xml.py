"""VIP 5.x and 6.0 XML as records, streaming: elements that the war room does not use are never kept.

defusedxml refuses document types, entities and external references, so neither a billion laughs nor a stolen
file is possible; SAX gives line numbers and constant memory.
"""

from collections.abc import Iterator
from typing import BinaryIO
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl, Locator

import defusedxml.sax  # type: ignore[import-untyped]
from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]

from warroom.dayimport.findings import ImportProblem
from warroom.dayimport.vip import Record

_CHUNK = 1 << 16
_TEXT_LONGEST = 1 << 20  # characters of one element
_DEEPEST = 40

# {element: table of the flat format}
_TABLES = {
    "Precinct": "precinct", "PollingLocation": "polling_location", "Locality": "locality", "Election": "election",
    "HoursOpen": "hours_open",
}  # fmt: skip
# {path inside the element: column of the flat format}
_COLUMNS = {
    "Name": "name", "Name/Text": "name", "Number": "number", "LocalityId": "locality_id",
    "IsMailOnly": "is_mail_only", "PollingLocationIds": "polling_location_ids",
    "ExternalIdentifiers/ExternalIdentifier/Value": "external_identifier_value",
    "AddressLine": "address_line", "AddressStructured/Line1": "structured_line_1",
    "AddressStructured/Line2": "structured_line_2", "AddressStructured/Line3": "structured_line_3",
    "AddressStructured/City": "structured_city", "AddressStructured/State": "structured_state",
    "AddressStructured/Zip": "structured_zip", "AddressStructured/LocationName": "structured_location_name",
    "HoursOpenId": "hours_open_id", "IsDropBox": "is_drop_box", "IsEarlyVoting": "is_early_voting",
    "LatLng/Latitude": "latitude", "LatLng/Longitude": "longitude", "Date": "date",
    "ElectionType": "election_type", "ElectionType/Text": "election_type",
    "Schedule/StartDate": "start_date", "Schedule/EndDate": "end_date",
    "Schedule/Hours/StartTime": "start_time", "Schedule/Hours/EndTime": "end_time",
}  # fmt: skip


def read_xml(raw: BinaryIO, file: str) -> Iterator[Record]:
    """Records of a feed. Raises ImportProblem, with the line, where it is no XML or holds what is forbidden."""
    parser = defusedxml.sax.make_parser()
    parser.forbid_dtd = True
    handler = _Records()
    parser.setContentHandler(handler)
    handler.setDocumentLocator(parser)  # fed in chunks, the parser does not say so itself
    try:
        while chunk := raw.read(_CHUNK):
            parser.feed(chunk)
            yield from handler.taken()
        parser.close()
        yield from handler.taken()
    except DefusedXmlException as error:
        found = f"a document type or entity ({type(error).__name__})"
        remedy = "VIP feeds hold none; ask the publisher, or remove the DOCTYPE."
        raise ImportProblem(file, found, "XML without DTD and entities", remedy, line=handler.line) from None
    except SAXParseException as error:
        line, found = error.getLineNumber(), f"broken XML ({error.getMessage()})"
        remedy = "It may be cut off: download it again."
        raise ImportProblem(file, found, "well-formed XML", remedy, line=line) from None
    except (SAXException, LookupError, ValueError) as error:  # an unknown encoding is a LookupError
        raise ImportProblem(file, f"broken XML ({error})", "well-formed XML", "Download it again.") from None


class _Records(ContentHandler):
    """Makes a record of each element directly below the root that is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._path: list[str] = []
        self._record: dict[str, str] = {}
        self._schedule: dict[str, str] = {}
        self._text: list[str] = []
        self._length = 0
        self._line: int | None = None
        self._table = ""
        self._done: list[Record] = []
        self._locator: Locator | None = None

    @property
    def line(self) -> int | None:
        """Where the parser stands."""
        return self._locator.getLineNumber() if self._locator else None

    def taken(self) -> list[Record]:
        """The records finished since the last call."""
        done, self._done = self._done, []
        return done

    def setDocumentLocator(self, locator: Locator) -> None:
        self._locator = locator

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        name = name.rpartition(":")[2]
        self._path.append(name)
        if len(self._path) > _DEEPEST:
            raise SAXException(f"elements nested over {_DEEPEST} deep")
        if len(self._path) == 2:
            self._table = _TABLES.get(name, "")
            self._record = {"id": attrs.get("id", "")}
            self._line = self.line
        self._text, self._length = [], 0

    def characters(self, content: str) -> None:
        if self._table and self._length < _TEXT_LONGEST:
            self._text.append(content)
            self._length += len(content)

    def endElement(self, name: str) -> None:
        if self._table and len(self._path) > 2:
            self._value("/".join(self._path[2:]), "".join(self._text).strip())
        elif self._table and len(self._path) == 2:
            if self._table != "hours_open":
                self._done.append((self._table, self._line, self._record))
            self._table = ""
        self._path.pop()
        self._text, self._length = [], 0

    def _value(self, path: str, text: str) -> None:
        if path == "Schedule":
            schedule = {"hours_open_id": self._record["id"], **self._schedule}
            self._done.append(("schedule", self.line, schedule))
            self._schedule = {}
            return
        column = _COLUMNS.get(path)
        if not column or not text:
            return
        at = self._schedule if path.startswith("Schedule/") else self._record
        if column == "address_line" and column in at:
            at[column] += ", " + text
        elif column == "end_time":  # several spans of one day: from the first opening to the last close
            at[column] = max(at.get(column, ""), text)
        else:
            at.setdefault(column, text)
