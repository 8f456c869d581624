"""Every key of the store: its type, who writes it, who reads it, how long it lives.

A shard's keys share one hash tag, so that one script may touch them all on a cluster.
Every key lives until `warroom` loads another day, unless a lifetime stands beside it.
"""

from zlib import crc32

PREFIX = "wr"

# -- the day: written once by `warroom load`, read by every part -----------------------------------
DAY = f"{PREFIX}:day"  # string, JSON ElectionDay
ROSTER = f"{PREFIX}:roster"  # string, JSON: precincts and sites in map order
FOLDER = f"{PREFIX}:folder"  # string, zip of the day folder without people; read by the watch
GEOMETRY = f"{PREFIX}:geometry"  # string, binary map geometry; read by the web server
SHARDS = f"{PREFIX}:shards"  # string, number of shards the day was loaded with
LOADED = f"{PREFIX}:loaded"  # string, digest of all that is loaded: another one is another load
CLOCK = f"{PREFIX}:clock"  # hash day_ms, wall_ms, rate; written by replay; absent = the wall clock

# -- people: written by `warroom load` -------------------------------------------------------------
VOLUNTEERS = f"{PREFIX}:volunteers"  # hash volunteer -> JSON Volunteer, no names; watch and web read
SHIFTS = f"{PREFIX}:shifts"  # string, JSON planned shifts; watch and web read
PEOPLE = f"{PREFIX}:people"  # hash volunteer -> JSON name and phone: personal data, directors only; web reads
CODES = f"{PREFIX}:codes"  # hash keyed digest of a volunteer's short code -> ref; `warroom codes` writes, web reads
CODE_HOLDERS = f"{PREFIX}:code_holders"  # hash ref -> JSON Holder; `warroom codes` writes, web reads

# -- feeds ----------------------------------------------------------------------------------------
API_KEYS = f"{PREFIX}:api_keys"  # hash key id -> JSON ApiKey with a digest; `warroom key` writes, web reads
SMS_LAST = f"{PREFIX}:sms_last"  # hash sender's reference|place -> JSON LastText: what a correction means
SMS_AT = f"{PREFIX}:sms_at:"  # prefix + message id: string, ms of its first delivery; web; two days
POSITIONS = f"{PREFIX}:positions"  # hash feed -> where it stopped reading; feeds write and read
PLACES = f"{PREFIX}:places:"  # prefix + feed: hash topic/partition -> next offset; members of its group write and read
PULSE = f"{PREFIX}:pulse"  # hash feed -> wall ms of its last frame; feeds write, watch reads
FEED_STATE = f"{PREFIX}:feed_state"  # hash feed -> trouble in words, '' when well; feeds write
FEED_LAG = f"{PREFIX}:feed_lag"  # hash feed -> JSON {lag, at_ms, detail}; feeds that know it write, web reads
FEED_KINDS = f"{PREFIX}:feed_kinds"  # hash feed -> scheme of the feed that reads it; feeds write, web reads
FEED_CONTROL = f"{PREFIX}:feed_control"  # hash feed -> JSON Pause, absent while it runs; web writes, feeds obey
FEED_PULSE = f"{PREFIX}:feed_pulse"  # hash feed -> JSON Pulse: the last hour by minutes, its gaps; watch writes
FEED_ASKED = f"{PREFIX}:feed_asked"  # hash feed -> JSON Asked: replay the rejected; web writes, the feed takes it
FEED_MENDED = f"{PREFIX}:feed_mended"  # hash feed -> JSON Outcome of its last replay of the rejected
MENDED = f"{PREFIX}:mended"  # hash digest of a reject -> JSON Mended: accepted since, when, who asked

# -- the board: written by the watch, read by the web server ---------------------------------------
BOARD = f"{PREFIX}:board"  # string, JSON snapshot with its sequence number
BOARD_STREAM = f"{PREFIX}:board:stream"  # stream of deltas, newest 2,000 kept
DETAIL = f"{PREFIX}:detail"  # hash precinct -> JSON expectation and band; watch writes those looked at
COVERAGE = f"{PREFIX}:coverage"  # string, JSON sites by hours, who is there; no names
INCIDENTS = f"{PREFIX}:incidents"  # string, JSON incidents grouped by site and category
ALERTS = f"{PREFIX}:alerts"  # hash alert id -> JSON Alert (open and closed)

# -- people's decisions: written by the web server, read by the watch ------------------------------
HANDLINGS = f"{PREFIX}:handlings"  # hash alert id -> JSON Handling; changed by comparing versions
SHELVES = f"{PREFIX}:shelves"  # hash site -> JSON Shelf: silenced until, by whom, why; over by itself
MOVES = f"{PREFIX}:moves"  # string, JSON plan of suggested moves, ids only; `warroom moves` writes, web reads
REFUSED = f"{PREFIX}:refused"  # hash volunteer\x1fprecinct -> JSON refusal of a move; web writes, moves reads
SOURCES = f"{PREFIX}:sources"  # string, JSON what others say of each source's counts; watch writes, web reads
HOLD_ORDER = f"{PREFIX}:hold_order"  # string, number of decisions on sources; web counts them (store/holds.py)
SHEETS = f"{PREFIX}:sheet_marks"  # hash sheet -> mark of its last change; web
SHEET = f"{PREFIX}:sheet:"  # prefix + sheet: hash part -> who types a paper sheet, a line, or who settled what; web
DECISIONS = f"{PREFIX}:decisions"  # stream of what people decided, newest 100,000 kept
SCREENS = f"{PREFIX}:screens"  # hash web worker -> JSON browsers of its open screens; web writes, check reads
LOOKS = f"{PREFIX}:looks"  # stream of precincts that somebody looks at, newest 200 kept

# -- texts: nothing here names a person; contacts are apart ------------------------------------------
TEXT_CASES = f"{PREFIX}:text:cases"  # hash request -> JSON TextCase; changed by comparing versions
TEXT_DECISIONS = f"{PREFIX}:text:decisions"  # stream of what people and the sender decided, newest 100,000 kept
TEXT_KEY = f"{PREFIX}:text:key"  # string, the data key of the contacts, wrapped by a key that is not in the store
TEXT_PEOPLE = f"{PREFIX}:text:people"  # hash ref -> name and number, encrypted; sender opens one at a time; purged
TEXT_PEOPLE_NEXT = f"{PREFIX}:text:people:next"  # as TEXT_PEOPLE, while a list is loaded; then renamed to it
TEXT_LISTS = f"{PREFIX}:text:lists"  # hash precinct -> JSON refs with band, language, zone, digest of the number
TEXT_OPT_OUTS = f"{PREFIX}:text:opt_outs"  # set of keyed digests of numbers; outlives a purge: STOP is for good
TEXT_HAD = f"{PREFIX}:text:had"  # hash digest of a number -> messages it was sent
TEXT_QUEUE = f"{PREFIX}:text:queue:"  # prefix + request: list of JSON Queued, no names; sender writes and takes
TEXT_MESSAGES = f"{PREFIX}:text:messages:"  # prefix + request: hash ref -> state of that person's message
TEXT_TALLY = f"{PREFIX}:text:tally:"  # prefix + request: hash state -> messages in it
TEXT_WHY = f"{PREFIX}:text:why:"  # prefix + request: hash reason -> messages kept back or failed for it
TEXT_PROVIDER = f"{PREFIX}:text:provider"  # hash provider's message id -> request\x1fref; callbacks read
TEXT_EARLY = f"{PREFIX}:text:early"  # hash provider's message id -> state told before the id was known
TEXT_NEWEST = f"{PREFIX}:text:newest"  # hash digest of a number -> request\x1fref of its newest message; sender writes
TEXT_VARIANT = f"{PREFIX}:text:variant:"  # prefix + request: hash ref -> wording that was begun
TEXT_BY_VARIANT = f"{PREFIX}:text:by_variant:"  # prefix + request: hash wording\x1fstate -> messages in it
TEXT_SENDER = f"{PREFIX}:text:sender"  # string, JSON SenderState: works, rests or tries; sender writes, web reads
TEXT_TOLD = f"{PREFIX}:text:told"  # hash what staff were told of in Slack -> epoch ms; `warroom text slack`
TEXT_COUNTS = f"{PREFIX}:text:counts"  # string, JSON people of the list by precinct, band, language; no names
TEXT_STOP = f"{PREFIX}:text:stop"  # string, JSON TextStop: nothing is sent while it stands; web writes

# -- the day afterwards ------------------------------------------------------------------------------
HISTORY = f"{PREFIX}:history"  # hash of frames and their index, see warroom/history/shelf.py; web asks and reads

# -- access: written by the web server and by `warroom account`; outlives the day --------------------
ACCOUNTS = f"{PREFIX}:accounts"  # hash account -> JSON Account: grants, password hash (argon2), passkeys
INVITES = f"{PREFIX}:invites"  # hash SHA-256 of a one-time code -> JSON Invite; over by itself
SESSIONS = f"{PREFIX}:sessions"  # hash SHA-256 of a session id -> JSON Session; over by itself
WALL_TOKENS = f"{PREFIX}:wall_tokens"  # hash screen -> JSON WallToken, the token hashed
BREAK_GLASS = f"{PREFIX}:break_glass"  # hash SHA-256 of a code -> when it was made, epoch ms
ACCESS_SECRET = f"{PREFIX}:access_secret"  # string, 32 random bytes that sign cookies; made once
AUDIT = f"{PREFIX}:audit"  # stream n-0 -> line: the audit log, never trimmed
AUDIT_HEAD = f"{PREFIX}:audit:head"  # hash n, hash, anchored_ms: the last line, and when it was last said aloud

TALLY_GROUP = "tally"  # consumer group on every intake stream


class Shard:
    """Keys of one shard. `state_keys` is what a pass over the same reports must reproduce byte for byte."""

    def __init__(self, number: int) -> None:
        tag = f"{PREFIX}:{{{number}}}"
        self.intake = f"{tag}:intake"  # stream of frames; feeds write, tally reads and trims
        self.changes = f"{tag}:changes"  # stream of changed units, newest 20,000; tally writes, watch reads
        self.seen = f"{tag}:seen"  # hash source\x1fid -> what that report was; tally
        self.units = f"{tag}:units"  # hash unit -> folded state; tally writes, watch and web read
        self.readings = f"{tag}:r:"  # prefix + unit: hash source\x1fid -> reading; tally writes, watch reads
        self.corrections = f"{tag}:corrections"  # hash source\x1fid of the corrected -> corrections; tally
        self.events = f"{tag}:events"  # hash source\x1fid -> kind, place, payload of the other kinds; tally
        self.latest = f"{tag}:latest"  # hash kind|place -> newest wait, incident or shift; tally
        self.sums = f"{tag}:sums"  # hash kind|place|... -> sum of amounts or of contacts; tally
        self.held = f"{tag}:held"  # hash source -> newest decision on it: order, 0|1, JSON Hold; tally
        self.rejects = f"{tag}:rejects"  # hash digest -> JSON Reject; tally writes, web reads
        self.totals = f"{tag}:totals"  # hash accepted, suspect, rejected -> count; tally
        self.limits = f"{tag}:limits"  # hash unit -> ceiling, plus open and length of the day; loader
        self.traffic = f"{tag}:traffic"  # hash feed|outcome -> count, repeats included; not part of the state
        self.origins = f"{tag}:origins"  # hash digest of a reject -> feed that brought it first; not of the state

    @property
    def state_keys(self) -> tuple[str, ...]:
        """The hashes that are a function of the set of reports (readings come besides, by prefix)."""
        return (self.seen, self.units, self.corrections, self.events, self.latest, self.sums,
                self.rejects, self.totals, self.held)  # fmt: skip


def shard_of(unit: str, shards: int) -> int:
    """The shard that holds a unit or any other routing text."""
    return crc32(unit.encode()) % shards


def tries(who: str) -> str:
    """String: codes tried in this window, by a hidden address or "all"; lives ten minutes (store/tries.py)."""
    return f"{PREFIX}:tries:{who}"


def failed_signins(bucket: str) -> str:
    """Hash n, until: wrong passwords of one bucket, when the next try counts; lives 15 minutes (access/lockout.py)."""
    return f"{PREFIX}:failed:{bucket}"


def challenge(digest: str) -> str:
    """String: what a passkey must sign, and for whom; used once, lives five minutes (access/passkeys.py)."""
    return f"{PREFIX}:challenge:{digest}"


def precinct_unit(precinct_id: str) -> str:
    """Unit of a precinct's running count on the day."""
    return f"p:{precinct_id}"


def site_unit(site_id: str) -> str:
    """Unit of a whole site's running count on the day."""
    return f"s:{site_id}"


def early_unit(precinct_id: str, method: str) -> str:
    """Unit of a precinct's early vote by one method."""
    return f"e:{method}:{precinct_id}"
