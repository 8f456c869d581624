-- Applies one frame of reports to one shard, acknowledges it and tells what changed, in one step.
-- The state it leaves is a function of the set of reports (see warroom/domain/readings.py, the same
-- fold in Python; a property test holds the two together). One script of three files: reach, judge, apply.
-- Items, made by warroom/store/wire.py:
--   {1, source, id, tie, digest, at, received, unit, count}
--   {2, source, id, tie, digest, at, received, corrected key, count or -1 for void, home 0|1}
--   {3, source, id, tie, digest, at, received, kind, place, sum key, amount, payload}
--   {4, order of the decision, source, held 0|1, note}: a director's hold, in every shard (warroom/store/holds.py)
--   {9, digest text, received, tie, payload}

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
