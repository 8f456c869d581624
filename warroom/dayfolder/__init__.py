"""The day folder (contract 1): an election is a folder, and it is checked whole before it is used."""

from warroom.dayfolder.checks import frame_checks
from warroom.dayfolder.faults import DayFolderError, Fault
from warroom.dayfolder.feedstoml import FeedConfig
from warroom.dayfolder.folder import DayFolder
from warroom.dayfolder.load import load_day
from warroom.dayfolder.template import write_template

__all__ = ["DayFolder", "DayFolderError", "Fault", "FeedConfig", "frame_checks", "load_day", "write_template"]
