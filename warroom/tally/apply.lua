-- Applies one frame of reports to one shard, acknowledges it and tells what changed, in one step.
-- The state it leaves is a function of the set of reports (see warroom/domain/readings.py, the same
-- fold in Python; a property test holds the two together).
-- KEYS: intake changes seen units corrections events latest sums rejects totals limits traffic origins held
-- ARGV: prefix of reading hashes, group, entry id, feed, frame (msgpack array of items)
-- Items, made by warroom/store/wire.py:
--   {1, source, id, tie, digest, at, received, unit, count}
--   {2, source, id, tie, digest, at, received, corrected key, count or -1 for void, home 0|1}
--   {3, source, id, tie, digest, at, received, kind, place, sum key, amount, payload}
--   {4, order of the decision, source, held 0|1, note}: a director's hold, in every shard (warroom/store/holds.py)
--   {9, digest text, received, tie, payload}
local INTAKE, CHANGES, SEEN, UNITS, CORRECTIONS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local EVENTS, LATEST, SUMS, REJECTS, TOTALS = KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]
local LIMITS, TRAFFIC, ORIGINS, HELD = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local READINGS, GROUP, ENTRY, FEED = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local LOOKBACK, SLACK, PACE, CLOCK_SLACK = 200, 30, 4, 120000

local call, pack, unpack_, fmt = redis.call, cmsgpack.pack, cmsgpack.unpack, string.format
local dirty, places, moved = {}, {}, { accepted = 0, suspect = 0 }
local refused = {} -- reason -> rejects more (or fewer) on the list: this feed's share, outside the state
local limits_cache = {}
local corrected = call('EXISTS', CORRECTIONS) == 1 -- most frames of most days need not ask for each reading

local some_held = call('EXISTS', HELD) == 1
local held_cache = {}

-- Held is a source of which the newest decision says so, and every source below it ("vendor" and "vendor/north").
local function is_held(source)
  if not some_held or not source then return false end
  local known = held_cache[source]
  if known ~= nil then return known end
  local slash = 0
  repeat
    slash = source:find('/', slash + 1, true)
    local raw = call('HGET', HELD, slash and source:sub(1, slash - 1) or source)
    known = raw and unpack_(raw)[2] == 1 or false
  until known or not slash
  held_cache[source] = known
  return known
end

local function source_of(key) return key:match('^[^\31]*') end

-- Asked once a frame: when counting opens and how long the day is, for the day itself and for early voting.
local spans = {}
local function span_of(early)
  local known = spans[early]
  if not known then
    local row = early and call('HMGET', LIMITS, '_early_opens', '_early_day') or call('HMGET', LIMITS, '_opens', '_day')
    known = { opens = tonumber(row[1]), day = tonumber(row[2]) }
    spans[early] = known
  end
  return known
end

-- A hash of which the fields of a frame are asked for at once, and written at once by `flush`: a call costs the store
-- more than what it does.
local function ahead(hash)
  local held, changed = {}, {}
  local self = {}
  function self.ask(fields)
    for first = 1, #fields, 1000 do
      local last = math.min(first + 999, #fields)
      local found = call('HMGET', hash, unpack(fields, first, last))
      for i = first, last do held[fields[i]] = found[i - first + 1] end
    end
  end
  function self.get(field)
    local value = held[field]
    if value == nil then
      value = call('HGET', hash, field)
      held[field] = value
    end
    return value
  end
  function self.set(field, value) held[field], changed[field] = value, true end
  function self.drop(field)
    held[field], changed[field] = false, nil
    call('HDEL', hash, field)
  end
  function self.flush()
    local flat = {}
    for field in pairs(changed) do
      flat[#flat + 1] = field
      flat[#flat + 1] = held[field]
      if #flat == 1000 then call('HSET', hash, unpack(flat)) flat = {} end
    end
    if #flat > 0 then call('HSET', hash, unpack(flat)) end
    changed = {}
  end
  return self
end
local seen, states, ceilings = ahead(SEEN), ahead(UNITS), ahead(LIMITS)

local function place_of(unit)
  return unit:sub(1, 2) == 'e:' and ('p:' .. unit:match('^e:[^:]*:(.*)$')) or unit
end

local function limits_of(unit)
  local known = limits_cache[unit]
  if known then return known end
  local span = span_of(unit:sub(1, 2) == 'e:')
  known = { opens = span.opens, day = span.day, ceiling = tonumber(ceilings.get(place_of(unit))) or 1e6 }
  limits_cache[unit] = known
  return known
end

local function can_follow(gain, elapsed, limits)
  return gain >= 0 and (gain - SLACK) * limits.day <= PACE * limits.ceiling * elapsed
end

local function read_state(unit)
  local raw = states.get(unit)
  return raw and cjson.decode(raw) or { -1, 0, 0, 0, 0, 0, 0 }
end

-- state: count (-1 = none believed), its time, accepted, suspect, latest time, latest arrival, tail
local function write_state(unit, s)
  states.set(unit, fmt('[%d,%d,%d,%d,%d,%d,%d]', s[1], s[2], s[3], s[4], s[5], s[6], s[7]))
end

local function effective(key, at, received, count, tie)
  local raw = corrected and call('HGET', CORRECTIONS, key)
  if raw then
    local list = unpack_(raw)
    for i = #list, 1, -1 do -- the latest, but for those that a held source said
      if not is_held(list[i][4]) then count = list[i][3] break end
    end
  end
  return { at = at, received = received, count = count, tie = tie, void = count < 0 or is_held(source_of(key)) }
end

local function load_unit(unit)
  local rows, flat = {}, call('HGETALL', READINGS .. unit)
  for i = 1, #flat, 2 do
    local r = unpack_(flat[i + 1])
    rows[#rows + 1] = effective(flat[i], r[1], r[2], r[3], r[4])
  end
  table.sort(rows, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.tie < b.tie
  end)
  return rows
end

local function refold(unit)
  local rows, limits = load_unit(unit), limits_of(unit)
  local cand, last_at, last_received = {}, 0, 0
  for _, r in ipairs(rows) do
    if r.at > last_at then last_at = r.at end
    if r.received > last_received then last_received = r.received end
    if not r.void and r.at >= limits.opens and r.at <= r.received + CLOCK_SLACK then cand[#cand + 1] = r end
  end
  local length, best, stop = {}, 0, 0
  for i, here in ipairs(cand) do
    local l = can_follow(here.count, here.at - limits.opens, limits) and 1 or 0
    for j = math.max(1, i - LOOKBACK), i - 1 do
      local there = cand[j]
      if length[j] >= 1 and length[j] >= l and can_follow(here.count - there.count, here.at - there.at, limits) then
        l = length[j] + 1
      end
    end
    length[i] = l
    if l > best then best, stop = l, i end
  end
  local old = read_state(unit)
  moved.accepted = moved.accepted + best - old[3]
  moved.suspect = moved.suspect + #rows - best - old[4]
  if #rows == 0 then states.drop(unit) return end
  local last = cand[stop] or { count = -1, at = 0 }
  write_state(unit, { last.count, last.at, best, #rows - best, last_at, last_received, stop > 0 and #cand - stop or 0 })
end

-- A reading later than all others that continues the believed chain needs no refold: it can only lengthen it.
local function extend(unit, key, at, received, count)
  local s, limits = read_state(unit), limits_of(unit)
  if is_held(source_of(key)) then -- kept, and no part of any chain
    write_state(unit, { s[1], s[2], s[3], s[4] + 1, math.max(s[5], at), math.max(s[6], received), s[7] })
    moved.suspect = moved.suspect + 1
    return true
  end
  local from, since = s[1], s[2]
  if s[3] == 0 then
    if s[4] > 0 then return false end
    from, since = 0, limits.opens
  end
  if at <= s[5] or at < limits.opens or at > received + CLOCK_SLACK or s[7] >= LOOKBACK then return false end
  if not can_follow(count - from, at - since, limits) then return false end
  if corrected and call('HEXISTS', CORRECTIONS, key) == 1 then return false end
  write_state(unit, { count, at, s[3] + 1, s[4], at, math.max(s[6], received), 0 })
  moved.accepted = moved.accepted + 1
  return true
end

local function touch_unit(unit) dirty[unit] = 'refold' end

local function newest_first(a, b) return a[6] > b[6] or (a[6] == b[6] and a[4] > b[4]) end

local function set_latest(it)
  local field = it[8] .. '|' .. it[9]
  local raw = call('HGET', LATEST, field)
  if not raw or newest_first(it, unpack_(raw)) then call('HSET', LATEST, field, pack(it)) end
end

-- The same event with an earlier arrival: as new as it was, so only its own entry changes.
local function renew_latest(it)
  local field = it[8] .. '|' .. it[9]
  local raw = call('HGET', LATEST, field)
  if not raw then return end
  local held = unpack_(raw)
  if held[2] == it[2] and held[3] == it[3] then call('HSET', LATEST, field, pack(it)) end
end

local function rebuild_latest(it)
  call('HDEL', LATEST, it[8] .. '|' .. it[9])
  local flat = call('HGETALL', EVENTS)
  for i = 2, #flat, 2 do
    local other = unpack_(flat[i])
    if other[8] == it[8] and other[9] == it[9] then set_latest(other) end
  end
end

local function add_sum(it, sign)
  if it[10] ~= '' then
    if call('HINCRBY', SUMS, it[10], sign * it[11]) == 0 then call('HDEL', SUMS, it[10]) end
  end
end

local add, remove = {}, {}

add[1] = function(it, key)
  local unit = it[8]
  call('HSET', READINGS .. unit, key, pack({ it[6], it[7], it[9], it[4] }))
  if dirty[unit] ~= 'refold' then
    if extend(unit, key, it[6], it[7], it[9]) then dirty[unit] = 'done' else touch_unit(unit) end
  end
end
remove[1] = function(it, key)
  call('HDEL', READINGS .. it[8], key)
  touch_unit(it[8])
end

local function touch_corrected(key)
  local raw = seen.get(key)
  if raw then
    local target = unpack_(raw)
    if target[1] == 1 then touch_unit(target[8]) end
  end
end
add[2] = function(it)
  corrected = true
  local raw = call('HGET', CORRECTIONS, it[8])
  local list = raw and unpack_(raw) or {}
  list[#list + 1] = { it[6], it[4], it[9], it[2] }
  table.sort(list, function(a, b) return a[1] < b[1] or (a[1] == b[1] and a[2] < b[2]) end)
  call('HSET', CORRECTIONS, it[8], pack(list))
  moved.accepted = moved.accepted + it[10]
  touch_corrected(it[8])
end
remove[2] = function(it)
  local kept = {}
  for _, c in ipairs(unpack_(call('HGET', CORRECTIONS, it[8]))) do
    if c[2] ~= it[4] then kept[#kept + 1] = c end
  end
  if #kept > 0 then call('HSET', CORRECTIONS, it[8], pack(kept)) else call('HDEL', CORRECTIONS, it[8]) end
  moved.accepted = moved.accepted - it[10]
  touch_corrected(it[8])
end

add[3] = function(it, key)
  call('HSET', EVENTS, key, pack(it))
  set_latest(it)
  add_sum(it, 1)
  moved.accepted = moved.accepted + 1
  places[it[8] .. '|' .. it[9]] = true
end
remove[3] = function(it, key)
  call('HDEL', EVENTS, key)
  rebuild_latest(it)
  add_sum(it, -1)
  moved.accepted = moved.accepted - 1
  places[it[8] .. '|' .. it[9]] = true
end

-- All that a source said, and what is below it, is judged anew: a walk over the shard, for a decision only.
local function touch_all_of(source)
  local plain = source:gsub('[%[%]*?\\^-]', '\\%0')
  for _, pattern in ipairs({ plain .. '\31*', plain .. '/*' }) do
    local cursor = '0'
    repeat
      local slice = call('HSCAN', SEEN, cursor, 'MATCH', pattern, 'COUNT', 1000)
      cursor = slice[1]
      for i = 2, #slice[2], 2 do
        local it = unpack_(slice[2][i])
        if it[1] == 1 then touch_unit(it[8]) elseif it[1] == 2 then touch_corrected(it[8]) end
      end
    until cursor == '0'
  end
end

local function take_hold(it)
  seen.flush()
  local raw = call('HGET', HELD, it[3])
  if raw and unpack_(raw)[1] >= it[2] then return end -- the newest decision counts, whenever it comes
  call('HSET', HELD, it[3], pack({ it[2], it[4], it[5] }))
  some_held, held_cache = true, {}
  touch_all_of(it[3])
end

local function note_reject(reason, digest, by)
  if by == 0 then return end
  refused[reason] = (refused[reason] or 0) + by
  if by > 0 then call('HSET', ORIGINS, digest, FEED) else call('HDEL', ORIGINS, digest) end
end

local function reject_key(it) return fmt('reused:%.0f:%.0f', it[4], it[5]) end

local function reject_reused(it)
  if it[1] == 2 and it[10] == 0 then return end
  local json = fmt('{"digest":"%s","reason":"id_reused","field":"id","remedy":"give every report its own id; the first to arrive counts","where":%s,"at_ms":%.0f,"sample":%s}',
    reject_key(it), cjson.encode(it[2]), it[6], cjson.encode(it[3]))
  note_reject('id_reused', reject_key(it), call('HSET', REJECTS, reject_key(it), pack({ 0, 0, json })))
end

local function take_report(it)
  local key = it[2] .. '\31' .. it[3]
  local raw = seen.get(key)
  if not raw then
    seen.set(key, pack(it))
    add[it[1]](it, key)
    return
  end
  local prev = unpack_(raw)
  if prev[5] == it[5] then -- the same report again: only an earlier arrival is news
    if it[7] < prev[7] then
      seen.set(key, pack(it))
      if it[1] == 1 then
        call('HSET', READINGS .. it[8], key, pack({ it[6], it[7], it[9], it[4] }))
        touch_unit(it[8])
      elseif it[1] == 3 then
        call('HSET', EVENTS, key, pack(it))
        renew_latest(it)
      end
    end
  elseif it[7] < prev[7] or (it[7] == prev[7] and it[5] < prev[5]) then
    seen.set(key, pack(it))
    remove[prev[1]](prev, key)
    reject_reused(prev)
    note_reject('id_reused', reject_key(it), -call('HDEL', REJECTS, reject_key(it)))
    add[it[1]](it, key)
  else
    reject_reused(it)
  end
end

local function take_reject(it)
  local raw = call('HGET', REJECTS, it[2])
  if raw then
    local prev = unpack_(raw)
    if prev[1] < it[3] or (prev[1] == it[3] and prev[2] <= it[4]) then return end
  end
  local new = call('HSET', REJECTS, it[2], pack({ it[3], it[4], it[5] }))
  note_reject(it[5]:match('"reason":"([%w_]+)"') or 'unknown', it[2], new)
end

local items = unpack_(ARGV[5])
local received = 0
local keys_, units_, places_ = {}, {}, {} -- what the readings of a frame ask for, asked at once
for _, it in ipairs(items) do
  if it[1] <= 3 then keys_[#keys_ + 1] = it[2] .. '\31' .. it[3] end
  if it[1] == 1 then
    units_[#units_ + 1] = it[8]
    places_[#places_ + 1] = place_of(it[8])
  end
end
seen.ask(keys_)
states.ask(units_)
ceilings.ask(places_)
for _, it in ipairs(items) do
  if it[1] == 4 then
    take_hold(it)
  else
    if it[1] == 9 then take_reject(it) else take_report(it) end
    if it[1] ~= 2 or it[10] == 1 then received = received + 1 end
  end
end

local units = {}
for unit, how in pairs(dirty) do
  if how == 'refold' then refold(unit) end
  units[#units + 1] = unit
end
table.sort(units)
seen.flush()
states.flush()
local touched = {}
for place in pairs(places) do touched[#touched + 1] = place end
table.sort(touched)

for outcome, by in pairs(moved) do -- a total of nothing is no entry: the state knows no history
  if by ~= 0 and call('HINCRBY', TOTALS, outcome, by) == 0 then call('HDEL', TOTALS, outcome) end
end
if FEED ~= '' then call('HINCRBY', TRAFFIC, FEED .. '|received', received) end -- '': a decision came by no feed
for outcome, by in pairs(moved) do
  if by ~= 0 then call('HINCRBY', TRAFFIC, FEED .. '|' .. outcome, by) end
end
for reason, by in pairs(refused) do call('HINCRBY', TRAFFIC, FEED .. '|rejected:' .. reason, by) end
if #units > 0 or #touched > 0 or received > 0 then
  call('XADD', CHANGES, 'MAXLEN', '~', 20000, '*', 'units', pack(units), 'places', pack(touched), 'entry', ENTRY)
end
call('XACK', INTAKE, GROUP, ENTRY)
return #units
