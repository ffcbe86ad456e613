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

-- A call costs microseconds, most of them for what is around it: fields of the state are read once and written once.
local state, changed, more_tickets = {}, {}, 0

local function field(name)
  if not state[name] then state[name] = number(call('HGET', STATE, name)) end
  return state[name]
end

local function set(name, value) state[name], changed[name] = value, true end

-- The last step of every script.
local function keep_state()
  for name in pairs(changed) do call('HSET', STATE, name, state[name]) end
  if more_tickets ~= 0 then call('HINCRBY', STATE, 'tickets', more_tickets) end
end

-- The lane in which a line counts whose oldest ticket waits since then (nil before its time), and when that changes.
local function counts_as(class, since)
  if since > now then return nil, since end
  local risen = math.floor((now - since) / ageing)
  if risen >= class then return 0, nil end
  return class - risen, since + (risen + 1) * ageing
end

local function standing(class, tenant)
  local oldest = call('ZRANGE', line(class, tenant), 0, 0, 'WITHSCORES')
  if oldest[1] then return counts_as(class, tonumber(oldest[2])) end
end

-- The two oldest tickets of a line: member and time of each.
local function front(class, tenant) return call('ZRANGE', line(class, tenant), 0, 1, 'WITHSCORES') end

-- Of two that are as far, the one that came first is next.
local function arrive(in_lane)
  local arrival = (field('arrivals:' .. in_lane) + 1) % ARRIVALS
  set('arrivals:' .. in_lane, arrival)
  return arrival
end

-- Scores are whole numbers, which Redis keeps and compares without reading them as text: tokens, and below them the arrival.
local function put(in_lane, tenant, tokens)
  call('ZADD', lane(in_lane), tokens * ARRIVALS + arrive(in_lane), tenant)
end

local function tokens_of(score) return math.floor(score / ARRIVALS) end

-- Where a tenant that stands in no place of the lane would begin.
local function beginning(in_lane, tenant)
  return math.max(field('stands:' .. in_lane), number(call('HGET', left_off(in_lane), tenant)))
end

local function place(in_lane, tenant)
  local score = call('ZSCORE', lane(in_lane), tenant)
  if not score then return beginning(in_lane, tenant), ARRIVALS end
  return tokens_of(score), score % ARRIVALS
end

-- The tenant leaves the lane, in which it has come so far. Nobody has to be remembered when nobody is there to compete with.
local function leave_at(from_lane, tenant, tokens)
  call('ZREM', lane(from_lane), tenant)
  if call('EXISTS', lane(from_lane)) == 1 then
    call('HSET', left_off(from_lane), tenant, tokens)
  else
    call('DEL', left_off(from_lane))
    set('stands:' .. from_lane, 0)
    set('arrivals:' .. from_lane, 0)
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
    local score = call('ZSCORE', lane(at), tenant)
    if score and not wanted[at] then
      leave_at(at, tenant, tokens_of(score))
    elseif wanted[at] and not score then
      put(at, tenant, beginning(at, tenant))
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
