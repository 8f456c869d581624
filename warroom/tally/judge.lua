-- Which readings of a counter are believed: warroom/domain/readings.py in Lua, and the short way for the usual reading.

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
