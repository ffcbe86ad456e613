-- Corrects one key by what Jira said. ARGV: what ("stop", "at least" or "drawn"), and a number: the time until which to stop,
-- or an amount; for amounts the span of the meter's window in ms.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local number = tonumber(ARGV[2])
if ARGV[1] == 'stop' then
  if number > now and number > tonumber(redis.call('GET', KEYS[1]) or '0') then
    redis.call('SET', KEYS[1], string.format('%.0f', number), 'PX', math.ceil(number - now))
  end
  return 0
end
local span = tonumber(ARGV[3])
local start = now - now % span
local kept = redis.call('HMGET', KEYS[1], 'start', 'drawn')
local drawn = tonumber(kept[1] or '0') == start and tonumber(kept[2]) or 0
if ARGV[1] == 'drawn' then
  drawn = drawn + number
else
  drawn = math.max(drawn, number)
end
redis.call('HSET', KEYS[1], 'start', start, 'drawn', drawn)
redis.call('PEXPIRE', KEYS[1], span * 2)
return 0
