"""`warroom day new`: an empty folder that explains itself and is refused kindly until it is filled in."""

import pytest

from warroom.dayfolder import DayFolderError, load_day, write_template
from warroom.dayfolder.schema import TABLES


def test_the_readme_of_a_new_folder_explains_every_file_and_column(tmp_path):
    write_template(tmp_path / "day")
    text = (tmp_path / "day" / "README.md").read_text()
    names = {table.file for table in TABLES} | {"day.toml", "precincts.geojson", "feeds.toml", "reports.jsonl"}
    assert all(name in text for name in names)
    assert all(f"| `{column.name}` |" in text for table in TABLES for column in table.columns)


def test_a_new_folder_is_refused_with_what_is_still_to_fill_in(tmp_path):
    write_template(tmp_path)
    with pytest.raises(DayFolderError) as refused:
        load_day(tmp_path)
    found = {(fault.file, fault.column) for fault in refused.value.faults}
    assert found == {("day.toml", "name"), ("day.toml", "date"), ("precincts.csv", "")}


def test_a_new_folder_loads_once_name_date_and_precincts_are_filled_in(tmp_path):
    write_template(tmp_path)
    toml = tmp_path / "day.toml"
    toml.write_text(toml.read_text().replace('name = ""', 'name = "x"').replace('date = ""', 'date = "2025-06-24"'))
    with (tmp_path / "precincts.csv").open("a") as file:
        file.write("0412,,,,,,,\n")
    assert load_day(tmp_path).precinct_ids == {"0412"}


def test_nothing_is_ever_overwritten(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="not empty"):
        write_template(tmp_path)
    with pytest.raises(NotADirectoryError):
        write_template(tmp_path / "notes.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_the_documentation_names_every_file_and_column(request):
    text = (request.config.rootpath / "docs" / "day-folder.md").read_text()
    assert all(f"`{table.file}`" in text for table in TABLES)
    assert all(f"`{column.name}`" in text for table in TABLES for column in table.columns)
