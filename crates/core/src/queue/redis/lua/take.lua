-- Further argument: until when what is handed out counts as in work unless its worker says more. Answers with member, class,
-- tenant and time of a ticket, or with the time at which to look again if nothing is pushed.
-- A script that has written already is not refused when memory is full, and a queue must be emptied above all then.
call('HDEL', STATE, '')
advance()
for at = 0, CLASSES - 1 do
  local first = call('ZRANGE', lane(at), 0, 0)[1]
  while first do
    for class = at, CLASSES - 1 do
      if standing(class, first) == at then
        local taken = call('ZPOPMIN', line(class, first))
        local member = taken[1]
        local a, b, c, d = string.byte(member, -4, -1)
        local cost = math.max(((a * 256 + b) * 256 + c) * 256 + d, 1)
        local tokens = place(at, first)
        call('HSET', STATE, 'stands:' .. at, tokens)
        call('HSET', left_off(at), first, tokens + cost)
        put(at, first, tokens + cost)
        call('HINCRBY', STATE, 'tickets', -1)
        if limit > 0 then begin_work(first .. '\n' .. string.sub(member, 1, -5), first, ARGV[4]) end
        settle(first)
        return {member, class, first, taken[2]}
      end
    end
    settle(first)
    first = call('ZRANGE', lane(at), 0, 0)[1]
  end
end
call('SET', ASLEEP, '1')
local next_time = call('ZRANGE', CHANGES, 0, 0, 'WITHSCORES')[2]
if limit > 0 then
  local lapse = call('ZRANGE', WORK, 0, 0, 'WITHSCORES')[2]
  if lapse and (not next_time or tonumber(lapse) < tonumber(next_time)) then next_time = lapse end
end
return {next_time or ''}
