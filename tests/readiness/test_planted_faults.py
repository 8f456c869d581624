"""Faults planted in a healthy room: each is found with its light, and what its remedy says makes it green."""

import re
import socket
import struct
import threading
from dataclasses import replace
from datetime import timedelta
from time import time

import msgspec
import pytest

from feeds._kafka.options import source_of
from warroom.access.accounts import AccountStore
from warroom.access.audit import Event
from warroom.access.audit_log import AuditLog
from warroom.access.roles import Grant
from warroom.readiness import accounts, disk
from warroom.readiness._kafka import topics_trouble
from warroom.store import keys
from warroom.store.screens import told
from warroom.tally.worker import TallyWorker
from warroom.texting.vault import new_key

MACHINE_BOUND = {"load", "steered", "cores", "memory"}  # of this machine, not of the room


def test_a_healthy_room_is_green(room, lights):
    names = ("day", "store", "disk", "clock", "workers", "feeds", "volunteers", "accounts", "texting", "audit")
    found = {(check, name): light for check in names for name, light in lights(room.look(check)).items()}
    assert {where: light for where, light in found.items() if light != "green" and where[1] not in MACHINE_BOUND} == {}
    assert len(found) > 30


def test_1_a_store_that_writes_each_second_only(room):
    room.client.config_set("appendfsync", "everysec")
    found = room.look("store")["written through"]
    assert found.light == "amber" and "everysec" in found.what
    room.carry_out(found)
    assert room.look("store")["written through"].light == "green"


def test_2_a_store_that_evicts(room):
    room.client.config_set("maxmemory-policy", "allkeys-lru")
    found = room.look("store")["keeps everything"]
    assert found.light == "red"
    room.carry_out(found)
    assert room.look("store")["keeps everything"].light == "green"


def test_3_a_store_with_a_small_limit_of_memory(room):
    room.client.config_set("maxmemory", room.client.info("memory")["used_memory"] + 1_000_000)
    found = room.look("store")["memory"]
    assert found.light == "red"
    room.carry_out(found)
    assert room.look("store")["memory"].light in ("green", "amber")  # as much as this machine has
    assert "1 MB free" not in room.look("store")["memory"].what


def test_4_a_full_disk(room):
    [folder] = disk.look(room.place())
    need = folder.need_bytes
    assert [f.light for f in disk.judge([replace(folder, free_bytes=need - 1)])] == ["red"]
    [found] = disk.judge([replace(folder, free_bytes=2 * need)])
    assert found.light == "amber"
    wanted = re.search(r"until ([\d.]+) (MB|GB) are left", found.remedy)
    freed = float(wanted[1]) * (1e6 if wanted[2] == "MB" else 1e9)
    assert [f.light for f in disk.judge([replace(folder, free_bytes=round(freed))])] == ["green"]


def test_a_folder_that_cannot_be_written_is_red(room):
    [folder] = disk.look(room.place())
    [found] = disk.judge([replace(folder, trouble="Read-only file system")])
    assert found.light == "red" and "Read-only" in found.what


def test_5_a_feeds_folder_is_missing(room):
    (room.folder / "in" / "inbox.jsonl").unlink()
    (room.folder / "in").rmdir()
    found = room.look("feeds")["county"]
    assert found.light == "red" and str(room.folder) in found.what
    room.carry_out(found)
    assert room.look("feeds")["county"].light == "green"


def test_a_feed_that_cannot_be_opened_is_red(room):
    room.change("feeds.toml", "?follow=1", "?folow=1")
    found = room.look("feeds")["county"]
    assert found.light == "red" and "folow" in found.what


def test_what_a_feed_reads_as_it_starts_is_looked_at_before(room, monkeypatch):
    (room.folder / "in" / "van.xls").touch()
    urls = {"homes": "van:in/van.xls?precincts=homes.csv", "map": "drop:in?precincts=no/map.csv"}
    toml = "".join(f'[[feed]]\nurl = "{url}"\nname = "{name}"\n' for name, url in urls.items())
    made = '[feed.mapping]\nid = ["who", "time"]\nkind = "contact"\nsource = "app"\n'
    made += 'fields = {precinct = "ed", at = "time", result = "said"}\n'
    toml += '[[feed]]\nurl = "canvass:in/van.xls?channel=door"\nname = "app"\n' + made
    (room.folder / "feeds.toml").write_text(toml)
    found = room.look("feeds")
    assert {name: finding.light for name, finding in found.items()} == {"homes": "red", "map": "red", "app": "red"}
    assert str(room.folder / "in" / "homes.csv") in found["homes"].what and "map.csv" in found["map"].what
    assert "WARROOM_SALT" in found["app"].what
    (room.folder / "in" / "homes.csv").write_text("VANID,Precinct\n")
    assert "WARROOM_SALT" in room.look("feeds")["homes"].what
    monkeypatch.setenv("WARROOM_SALT", "a salt for the tests only")
    found = room.look("feeds")
    assert [found[name].light for name in ("homes", "map", "app")] == ["amber", "red", "amber"]  # not started yet


def test_a_feed_that_says_it_has_stopped_is_red(room):
    room.client.hset(keys.FEED_STATE, "county", "inbox.jsonl cannot be read: Permission denied")
    assert room.look("feeds")["county"].light == "red"


def test_6_a_kafka_topic_is_missing():
    source = source_of("kafka://broker:9092/polls,waits")
    what, remedy = topics_trouble(source, {"polls"})
    assert "waits" in what and "polls" not in what.replace("broker", "")
    made = re.search(r"--topic (\w+)`", remedy)[1]
    assert topics_trouble(source, {"polls", made}) == ("", "")


def test_7_a_template_that_states_a_time(room):
    room.change("texting.toml", "{polls_close}", "8 PM")
    found = room.look("texting")["rules"]
    assert found.light == "red"
    field = re.search(r"as (\{\w+\})", found.what)[1]
    room.change("texting.toml", "8 PM", field)
    assert room.look("texting")["rules"].light == "green"


def test_a_rule_that_would_text_people_to_a_site_that_stopped(room):
    room.change("texting.toml", '["low_turnout"]', '["stoppage"]')
    found = room.look("texting")["rules"]
    assert found.light == "amber" and "low" in found.what
    room.change(
        "texting.toml", 'kinds = ["stoppage"]', f'kinds = ["stoppage"]\n{re.search("when = .over.", found.remedy)[0]}'
    )
    assert room.look("texting")["rules"].light == "green"


def test_8_the_key_of_the_list_is_another(room, monkeypatch):
    monkeypatch.setenv("WARROOM_TEXT_KEY", new_key())
    found = room.look("texting")["list"]
    assert found.light == "red" and "WARROOM_TEXT_KEY" in found.what
    room.carry_out(found)
    assert room.look("texting")["list"].light == "green"


def test_without_the_key_the_list_is_not_judged(room, monkeypatch):
    monkeypatch.delenv("WARROOM_TEXT_KEY")
    assert room.look("texting")["list"].light == "unknown"


def test_a_list_that_is_not_loaded(room):
    room.client.delete(keys.TEXT_PEOPLE)
    found = room.look("texting")["list"]
    assert found.light == "amber"
    room.carry_out(found, which=1)
    assert room.look("texting")["list"].light == "green"


def test_a_sender_without_its_settings_is_red(room):
    room.change("texting.toml", "[campaign]", 'sender = "twilio"\n[campaign]')
    assert room.look("texting")["sender"].light == "red"


def test_9_an_account_that_was_never_used(room):
    room.invite("hal", "watcher", comes=False)
    found = room.look("accounts")["never used"]
    assert found.light == "amber" and "hal" in found.what
    code = re.search(r"#invite-(\S+)", room.carry_out(found))[1]
    AccountStore(room.client).accept(code, "seven quiet herons", round(time() * 1000))
    assert room.look("accounts")["never used"].light == "green"


def test_10_nobody_is_admin(room):
    AccountStore(room.client).change("ada", lambda a: msgspec.structs.replace(a, grants=()))
    found = room.look("accounts")["admins"]
    assert found.light == "red"
    code = re.search(r"#invite-(\S+)", room.carry_out(found, NAME="fay"))[1]
    assert room.look("accounts")["admins"].light == "red"  # invited is not yet able
    AccountStore(room.client).accept(code, "seven quiet herons", round(time() * 1000))
    assert room.look("accounts")["admins"].light == "green"


def test_an_admin_whose_role_ends_before_the_polls_close(room):
    soon = round((room.place().now + timedelta(hours=3)).timestamp() * 1000)

    def until_soon(account):
        return msgspec.structs.replace(account, grants=(msgspec.structs.replace(account.grants[0], until_ms=soon),))

    AccountStore(room.client).change("ada", until_soon)
    found = room.look("accounts")["admins"]
    assert found.light == "red" and "ends before" in found.what
    room.carry_out(found)
    assert room.look("accounts")["admins"].light == "green"


def test_an_organiser_of_one_region_is_no_director(room):
    north = Grant("organiser", "North")
    AccountStore(room.client).change("bo", lambda a: msgspec.structs.replace(a, grants=(north,)))
    assert room.look("accounts")["directors"].light == "red"


def test_one_approver_is_too_few_where_texts_may_go_out(room):
    AccountStore(room.client).change("di", lambda a: msgspec.structs.replace(a, disabled=True))
    found = room.look("accounts")["approvers"]
    assert found.light == "amber"
    code = re.search(r"#invite-(\S+)", room.carry_out(found, NAME="gil"))[1]
    AccountStore(room.client).accept(code, "seven quiet herons", round(time() * 1000))
    assert room.look("accounts")["approvers"].light == "green"


@pytest.mark.parametrize(("sends", "lights"), [(True, ["amber"]), (False, [])])
def test_a_room_without_accounts_cannot_approve_large_texts_that_go_out(sends, lights):
    here = accounts.Access(wall_key="", director_key="", open_room=True)
    found = accounts.judge(accounts.Facts(here, "", [], 0, 0, [], True, 0, 1, "", sends))
    assert [f.light for f in found if f.name == "approvers"] == lights


def test_a_password_alone_approves_texts_or_an_approver_has_no_passkey(room, monkeypatch):
    def look():
        found = room.look("accounts")["passkeys"]
        return found.light, found.what

    assert look()[0] == "green"
    store = AccountStore(room.client)
    for name, light in (("di", "amber"), ("cy", "red")):
        store.change(name, lambda a: msgspec.structs.replace(a, passkeys=()))
        assert look()[0] == light and name in look()[1]
    monkeypatch.delenv("WARROOM_PASSKEY_ROLES")
    off = room.look("accounts")["passkeys"]
    assert off.light == "amber" and "cy" in off.what
    monkeypatch.setenv("WARROOM_PASSKEY_ROLES", re.search(r"WARROOM_PASSKEY_ROLES=(\S+)", off.remedy)[1])
    assert look()[0] == "red"  # on again, and nobody has one
    monkeypatch.setenv("WARROOM_PASSKEY_ROLES", "aprover")
    assert "no role" in room.look("accounts")["keys"].what


@pytest.mark.parametrize(("name", "key"), [("break-glass", keys.BREAK_GLASS), ("screens", keys.WALL_TOKENS)])
def test_no_way_in_for_a_lock_out_and_none_for_screens(room, name, key):
    room.client.delete(key)
    found = room.look("accounts")[name]
    assert found.light == "amber"
    room.carry_out(found)
    assert room.look("accounts")[name].light == "green"


def test_11_the_day_is_past(room):
    room.change("day.toml", "2026-11-03", "2025-11-04")
    found = room.look("day")["date"]
    assert found.light == "red"
    room.change("day.toml", "2025-11-04", "2026-11-03")
    assert room.look("day")["date"].light == "green"


def test_12_a_precinct_without_a_site(room):
    room.change("precincts.csv", "P3,Precinct 3,North,S1", "P3,Precinct 3,North,")
    sites, previews = room.look("day")["poll sites"], room.look("texting")["previews"]
    assert (sites.light, previews.light) == ("amber", "amber")
    assert "P3" in sites.what and "P3" in previews.what and "P2" not in sites.what
    room.change("precincts.csv", "P3,Precinct 3,North,", "P3,Precinct 3,North,S1")
    assert (room.look("day")["poll sites"].light, room.look("texting")["previews"].light) == ("green", "green")


def test_hours_by_the_twelve_hour_clock_are_noticed(room):
    room.change("day.toml", '"07:00"', '"01:00"')
    assert room.look("day")["polls' hours"].light == "amber"


def test_codes_that_were_never_made_or_tried(room):
    room.client.delete(keys.CODE_HOLDERS, keys.CODES, keys.Shard(0).events)
    found = room.look("volunteers")
    assert (found["codes made"].light, found["codes tried"].light) == ("amber", "red")
    assert "0 of 2" in found["codes tried"].what and "T-1" in found["codes tried"].what
    room.carry_out(found["codes made"])
    assert room.look("volunteers")["codes made"].light == "green"


def test_a_tally_that_never_came_and_one_that_does(room):
    room.client.delete(keys.Shard(0).intake)
    found = room.look("workers")["tally"]
    assert found.light == "red" and "`warroom tally" in found.remedy
    TallyWorker(room.client, 0, "anew").step()
    assert room.look("workers")["tally"].light == "green"


def test_a_watch_that_stands_still(room):
    room.client.delete(keys.BOARD_STREAM)
    assert room.look("workers")["watch"].light == "red"
    room.client.xadd(keys.BOARD_STREAM, {"seq": 1, "delta": ""}, id="1600000000000-0")
    assert "ago" in room.look("workers")["watch"].what and room.look("workers")["watch"].light == "red"


def test_a_room_that_has_loaded_another_day(room):
    room.change("day.toml", "Small town", "Other town")
    assert room.look("workers")["loaded day"].light == "red"


def test_an_audit_log_with_a_changed_line(room):
    log = AuditLog(room.client, room.home / "audit.jsonl")
    log.write(Event(action="resolve", object="alert 1", account="bo"))
    assert room.look("audit")["file"].light == "green"
    path = room.home / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b"alert 1", b"alert 2"))
    found = room.look("audit")
    assert (found["chain"].light, found["file"].light) == ("green", "red")
    path.rename(room.home / "evidence.jsonl")  # as the remedy says
    log.write(Event(action="resolve", object="alert 3", account="bo"))
    assert room.look("audit")["file"].light == "green"


def test_a_browser_that_cannot_draw_the_wall(room):
    assert room.look("browsers")["Browsers"].light == "unknown"
    room.client.hset(keys.SCREENS, "w", told({"Chrome 126.0": 2, "Safari 15.6": 1}))
    found = room.look("browsers")["browsers"]
    assert found.light == "red" and "Safari 15.6" in found.what
    room.client.hset(keys.SCREENS, "w", told({"Chrome 126.0": 2, "Safari 17.5": 1}))
    assert room.look("browsers")["browsers"].light == "green"


def test_a_replay_that_still_holds_the_clock_on_the_eve(room):
    room.client.hset(keys.CLOCK, mapping={"day_ms": 1, "wall_ms": 1, "rate": "60"})
    assert room.look("day")["date"].light == "red"
    assert room.look("volunteers")["Volunteers"].light == "unknown"
    months_later = room.place(now=room.place().now + timedelta(days=90))
    assert room.look("day", months_later)["date"].light == "green"  # a rehearsal of a day that is over


@pytest.fixture
def time_server():
    """A real time server on this machine; its clock is `ahead_s` seconds ahead."""
    asked = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asked.bind(("127.0.0.1", 0))
    ahead = {"s": 0.0}

    def serve():
        while True:
            try:
                _, who = asked.recvfrom(512)
            except OSError:
                return
            stamp = struct.pack("!II", int(time() + ahead["s"]) + 2_208_988_800, 0)
            asked.sendto(b"\x24\x01" + bytes(30) + stamp + stamp, who)

    threading.Thread(target=serve, daemon=True).start()
    yield f"127.0.0.1:{asked.getsockname()[1]}", ahead
    asked.close()


def test_a_clock_that_is_wrong_by_a_time_server_that_was_named(room, time_server):
    server, ahead = time_server
    assert room.look("clock", room.place(ntp=server))["time server"].light == "green"
    ahead["s"] = 90.0
    found = room.look("clock", room.place(ntp=server))["time server"]
    assert found.light == "red" and "ahead" in found.what
    assert "time server" not in room.look("clock")  # nothing outside is asked unasked
