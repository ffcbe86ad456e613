-- Takes from all meters or from none.
-- KEYS: the stops, then what halves sliding meters while it lasts (if anything does), then the meters. ARGV: the number of stops,
-- a name for this call, 1 if there is such a key or 0, and for each meter its kind ("aligned" or "sliding"), span in ms,
-- most, amount.
-- Answers with the time until which to wait (0: taken), and with the place of the key that says so.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stops = tonumber(ARGV[1])
local wait, by = 0, 0

local function longest(ends, place)
  if ends > now and ends > wait then
    wait, by = ends, place
  end
end

for place = 1, stops do
  longest(tonumber(redis.call('GET', KEYS[place]) or '0'), place)
end

local before = stops + tonumber(ARGV[3])
local slow = before > stops and tonumber(redis.call('GET', KEYS[before]) or '0') > now

local drawn = {}
for place = before + 1, #KEYS do
  local at = 4 + (place - before - 1) * 4
  local span, most, amount = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
  if ARGV[at] == 'aligned' then
    local start = now - now % span
    local kept = redis.call('HMGET', KEYS[place], 'start', 'drawn')
    drawn[place] = tonumber(kept[1] or '0') == start and tonumber(kept[2]) or 0
    if drawn[place] + amount > most then
      longest(start + span, place)
    end
  else
    if slow then most = math.max(math.floor(most / 2), amount) end
    redis.call('ZREMRANGEBYSCORE', KEYS[place], '-inf', now - span)
    local excess = redis.call('ZCARD', KEYS[place]) + amount - most
    if excess > 0 then
      local last = redis.call('ZRANGE', KEYS[place], excess - 1, excess - 1, 'WITHSCORES')[2]
      longest((tonumber(last) or now) + span, place)
    end
  end
end

if by > 0 then
  return { wait, by }
end

for place = before + 1, #KEYS do
  local at = 4 + (place - before - 1) * 4
  local span, amount = tonumber(ARGV[at + 1]), tonumber(ARGV[at + 3])
  if ARGV[at] == 'aligned' then
    redis.call('HSET', KEYS[place], 'start', now - now % span, 'drawn', drawn[place] + amount)
  else
    for one = 1, amount do
      redis.call('ZADD', KEYS[place], now, ARGV[2] .. ':' .. one)
    end
  end
  redis.call('PEXPIRE', KEYS[place], span * 2)
end
return { 0, 0 }
