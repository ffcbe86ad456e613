-- What all scripts share: what is read of Redis, and when. KEYS[1] is the prefix of all keys; ARGV begins with the time, the limit
-- of jobs that a tenant may have in work (0: none), and the time after which a waiting ticket rises by a class. Times in
-- milliseconds. Classes and lanes count from 1 in here.
--
-- A call of Redis costs microseconds, most of them for what is around it. So everything is read for all at once, changed in here,
-- and what differs then is written for all at once (keep.lua).
local prefix = KEYS[1]
local now, limit, ageing = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local CLASSES, ARRIVALS, NEVER = 3, 1048576, math.huge
local call, floor, byte = redis.call, math.floor, string.byte
local pack, unpacked = cmsgpack.pack, cmsgpack.unpack
local STATE, TENANTS = prefix .. ':state', prefix .. ':tenants'
local CHANGES, WORK = prefix .. ':changes', prefix .. ':work'

-- A tenant is a list: its places in the three lanes (false: in none of them), when it changes lanes next (false: never), how many of its
-- jobs are in work, whether more tickets of each class lie outside, and the oldest of each class (false: none): time, member, time,
-- member, ... It is written packed, or as the number of its jobs in work when there is nothing else.
local CHANGE, BUSY, MORE, LINE = 4, 5, 5, 8
local tenants, touched = {}, {}

-- Of each lane: where it stands, how many arrived, how many are in it, whether it is written down where others left off. Then whether
-- somebody sleeps, and times before which nobody changes lanes and nothing lapses.
local STANDS, ARRIVED, INSIDE, LEFT, ASLEEP, CHANGES_FROM, LAPSES_FROM = 0, 3, 6, 9, 13, 14, 15
local written = call('HGET', STATE, 'all')
local state = written and unpacked(written) or {0, 0, 0, 0, 0, 0, 0, 0, 0, false, false, false, false, false, false}
local tickets = 0
local changes_from, lapses_from = state[CHANGES_FROM] or NEVER, state[LAPSES_FROM] or NEVER

-- Reads those of the list that are not known yet.
local function know(names)
  local unknown, size = {}, 0
  for at = 1, #names do
    local name = names[at]
    if tenants[name] == nil then
      size = size + 1
      unknown[size] = name
      tenants[name] = false
    end
  end
  if size == 0 then return end
  local found = call('HMGET', TENANTS, unpack(unknown))
  for at = 1, size do
    local text = found[at]
    local busy = tonumber(text or 0)
    tenants[unknown[at]] = busy and {false, false, false, false, busy, false, false, false, false, false, false}
      or unpacked(text)
  end
end

-- As Redis and Brine order text: by its bytes.
local function bytes_before(one, other)
  local length, other_length = #one, #other
  for at = 1, math.min(length, other_length) do
    local a, b = byte(one, at), byte(other, at)
    if a ~= b then return a < b end
  end
  return length < other_length
end

local function cost_of(member)
  local a, b, c, d = byte(member, -4, -1)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- The lane in which a line counts whose oldest ticket waits since then (nil before its time), and when that changes.
local function counts_as(class, since)
  if since > now then return nil, since end
  local risen = floor((now - since) / ageing)
  if risen >= class - 1 then return 1, nil end
  return class - risen, since + (risen + 1) * ageing
end
