-- What the script reaches: its keys, hashes of which a frame asks at once, and which sources are held.
-- KEYS: intake changes seen units corrections events latest sums rejects totals limits traffic origins held
-- ARGV: prefix of reading hashes, group, entry id, feed, frame (msgpack array of items)
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
