"""What feeds.toml says reaches the feed's own process; a feed that cannot be opened is refused before all else."""

import json

import pytest

from feeds._url import FeedURLError
from warroom.cli.feeding import feed_parts
from warroom.dayfolder.feedstoml import read_feeds

MAPPING = '[feed.mapping]\nkind = "checkins"\nsource = "county"\nfields = {precinct = "ed", count = "n", at = "t"}\n'


def parts(folder, text):
    (folder / "feeds.toml").write_text(text)
    found, faults = read_feeds(folder / "feeds.toml")
    assert not faults
    return feed_parts(found, folder / "raw")


def test_options_and_name_are_handed_on(tmp_path):
    text = f'[[feed]]\nurl = "kafka://broker:9092/polls"\nname = "county"\ngroup = "us"\n{MAPPING}'
    [part] = parts(tmp_path, text)
    command = list(part.command)
    assert command[:2] == ["feed", "kafka://broker:9092/polls"] and part.name == "county"
    options = json.loads(command[command.index("--options") + 1])
    assert (options["name"], options["group"], options["mapping"]["source"]) == ("county", "us", "county")


def test_a_recording_is_not_played_unasked(tmp_path):
    assert parts(tmp_path, '[[feed]]\nurl = "replay:."\n') == []


def test_a_wrong_mapping_stops_the_room_before_it_starts(tmp_path):
    text = f'[[feed]]\nurl = "kafka://broker:9092/polls"\n{MAPPING}time_format = "US"\n'
    with pytest.raises(FeedURLError, match=r"mapping\.time_format"):
        parts(tmp_path, text)
