-- What all scripts share. KEYS[1] is the prefix of all keys; ARGV begins with the time, the limit of jobs that a tenant may
-- have in work (0: none), and the time after which a waiting ticket rises by a class. Times in milliseconds.
local prefix = KEYS[1]
local now, limit, ageing = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local CLASSES, ARRIVALS = 3, 1048576
local call = redis.call

local function line(class, tenant) return prefix .. ':line:' .. class .. ':' .. tenant end
local function lane(number) return prefix .. ':lane:' .. number end
local function left_off(number) return prefix .. ':left:' .. number end
local CHANGES, WORK, BUSY = prefix .. ':changes', prefix .. ':work', prefix .. ':busy'
local STATE, ASLEEP = prefix .. ':state', prefix .. ':asleep'

local function number(answer) return tonumber(answer or 0) end

-- The lane in which a line counts (nil before its time), and when that changes.
local function standing(class, tenant)
  local oldest = call('ZRANGE', line(class, tenant), 0, 0, 'WITHSCORES')
  if not oldest[1] then return nil, nil end
  local since = tonumber(oldest[2])
  if since > now then return nil, since end
  local risen = math.floor((now - since) / ageing)
  if risen >= class then return 0, nil end
  return class - risen, since + (risen + 1) * ageing
end

-- Scores are tokens, with the number of the arrival as a fraction: of two that are as far, the one that came first is next.
local function put(in_lane, tenant, tokens)
  local arrival = call('HINCRBY', STATE, 'arrivals:' .. in_lane, 1) % ARRIVALS
  call('ZADD', lane(in_lane), tokens + arrival / ARRIVALS, tenant)
end

local function place(in_lane, tenant)
  local score = call('ZSCORE', lane(in_lane), tenant)
  if score then
    local tokens = math.floor(tonumber(score))
    return tokens, (tonumber(score) - tokens) * ARRIVALS
  end
  local stands = number(call('HGET', STATE, 'stands:' .. in_lane))
  return math.max(stands, number(call('HGET', left_off(in_lane), tenant))), ARRIVALS
end

local function leave(from_lane, tenant)
  if call('ZREM', lane(from_lane), tenant) == 1 and call('EXISTS', lane(from_lane)) == 0 then
    call('DEL', left_off(from_lane))
    call('HDEL', STATE, 'stands:' .. from_lane, 'arrivals:' .. from_lane)
  end
end

-- Puts a tenant into the lanes in which it counts now, and out of all others.
local function settle(tenant)
  local wanted, next_change = {}, nil
  if limit == 0 or number(call('HGET', BUSY, tenant)) < limit then
    for class = 0, CLASSES - 1 do
      local at, change = standing(class, tenant)
      if at then wanted[at] = true end
      if change and (not next_change or change < next_change) then next_change = change end
    end
  end
  for at = 0, CLASSES - 1 do
    if not wanted[at] then
      leave(at, tenant)
    elseif not call('ZSCORE', lane(at), tenant) then
      put(at, tenant, (place(at, tenant)))
    end
  end
  if next_change then
    call('ZADD', CHANGES, next_change, tenant)
  else
    call('ZREM', CHANGES, tenant)
  end
end

-- Whether the tenant may have no more from here on.
local function begin_work(member, tenant, until_time)
  return call('ZADD', WORK, until_time, member) == 1 and call('HINCRBY', BUSY, tenant, 1) >= limit
end

-- Whether it was in work, and whether the tenant may have more now and could not before.
local function end_work(member, tenant)
  if call('ZREM', WORK, member) == 0 then return false, false end
  local busy = call('HINCRBY', BUSY, tenant, -1)
  if busy <= 0 then call('HDEL', BUSY, tenant) end
  return true, busy + 1 >= limit
end

-- Lets lapse and rise what is due; not more than a little of it at once, so that no call is long.
local function advance()
  if limit > 0 then
    local freed = {}
    for _, member in ipairs(call('ZRANGEBYSCORE', WORK, '-inf', now, 'LIMIT', 0, 32)) do
      local tenant = string.match(member, '^[^\n]*')
      if end_work(member, tenant) then freed[#freed + 1] = tenant end
    end
    table.sort(freed)
    for _, tenant in ipairs(freed) do settle(tenant) end
  end
  for _, tenant in ipairs(call('ZRANGEBYSCORE', CHANGES, '-inf', now, 'LIMIT', 0, 64)) do settle(tenant) end
end

-- Whoever found nothing has left a note; all processes hear the bell, and each wakes one that sleeps.
local function ring()
  if call('DEL', ASLEEP) == 1 then call('PUBLISH', prefix .. ':bell', '') end
end
