-- Further arguments: until when what is handed out counts as in work unless its worker says more, and how many tickets are asked
-- for. Answers with the time at which to look again if nothing is pushed (empty unless fewer were found), and with member,
-- class, tenant and time of each ticket.
-- A script that has written already is not refused when memory is full, and a queue must be emptied above all then.
call('HDEL', STATE, '')
advance()

-- Takes the tenant's next ticket out of those that count in the lane.
local function take(at, class, tenant, answer)
  local taken = call('ZPOPMIN', line(class, tenant))
  local member = taken[1]
  local a, b, c, d = string.byte(member, -4, -1)
  local cost = math.max(((a * 256 + b) * 256 + c) * 256 + d, 1)
  local tokens = place(at, tenant)
  call('HSET', STATE, 'stands:' .. at, tokens)
  call('HSET', left_off(at), tenant, tokens + cost)
  put(at, tenant, tokens + cost)
  call('HINCRBY', STATE, 'tickets', -1)
  local full = limit > 0 and begin_work(tenant .. '\n' .. string.sub(member, 1, -5), tenant, ARGV[4])
  -- Mostly the next ticket counts as the same, and the tenant stands where it is. That it would rise later than was noted shows when
  -- that time comes.
  if full or standing(class, tenant) ~= at then settle(tenant) end
  local size = #answer
  answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = member, class, tenant, taken[2]
end

-- Whether there was one.
local function take_next(answer)
  for at = 0, CLASSES - 1 do
    local first = call('ZRANGE', lane(at), 0, 0)[1]
    while first do
      for class = at, CLASSES - 1 do
        if standing(class, first) == at then
          take(at, class, first, answer)
          return true
        end
      end
      settle(first)
      first = call('ZRANGE', lane(at), 0, 0)[1]
    end
  end
  return false
end

local answer, wanted = {''}, tonumber(ARGV[5])
while wanted > 0 and take_next(answer) do wanted = wanted - 1 end
if wanted > 0 then
  call('SET', ASLEEP, '1')
  local next_time = call('ZRANGE', CHANGES, 0, 0, 'WITHSCORES')[2]
  if limit > 0 then
    local lapse = call('ZRANGE', WORK, 0, 0, 'WITHSCORES')[2]
    if lapse and (not next_time or tonumber(lapse) < tonumber(next_time)) then next_time = lapse end
  end
  answer[1] = next_time or ''
end
return answer
