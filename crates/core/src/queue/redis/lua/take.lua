-- Further arguments: until when what is handed out counts as in work unless its worker says more, and how many tickets are asked
-- for. Answers with the time at which to look again if nothing is pushed (empty unless fewer were found), and with member,
-- class, tenant and time of each ticket.
-- A script that has written already is not refused when memory is full, and a queue must be emptied above all then.
call('HDEL', STATE, '')
advance()

-- Lanes before this one are empty, unless somebody is settled.
local begin = 0

local function resettle(tenant)
  settle(tenant)
  begin = 0
end

-- Takes the first of the two oldest tickets of a line for a tenant that has come so far in the lane.
local function take(at, class, tenant, tokens, oldest, answer)
  local member = call('ZPOPMIN', line(class, tenant))[1]
  local a, b, c, d = string.byte(member, -4, -1)
  local after = tokens + math.max(((a * 256 + b) * 256 + c) * 256 + d, 1)
  set('stands:' .. at, tokens)
  more_tickets = more_tickets - 1
  local full = limit > 0 and begin_work(tenant .. '\n' .. string.sub(member, 1, -5), tenant, ARGV[4])
  if oldest[3] and counts_as(class, tonumber(oldest[4])) == at and not full then
    -- Mostly the next ticket counts as the same, and the tenant stays in the lane. That it would rise later than was noted shows
    -- when that time comes.
    put(at, tenant, after)
  elseif not oldest[3] and call('EXISTS', line(0, tenant), line(1, tenant), line(2, tenant)) == 0 then
    -- The same as to settle a tenant that has nothing left.
    arrive(at)
    leave_at(at, tenant, after)
    call('ZREM', CHANGES, tenant)
  else
    put(at, tenant, after)
    resettle(tenant)
  end
  local size = #answer
  answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = member, class, tenant, oldest[2]
end

-- Whether there was one.
local function take_next(answer)
  for at = begin, CLASSES - 1 do
    local first = call('ZRANGE', lane(at), 0, 0, 'WITHSCORES')
    while first[1] do
      local tenant = first[1]
      for class = at, CLASSES - 1 do
        local oldest = front(class, tenant)
        if oldest[1] and counts_as(class, tonumber(oldest[2])) == at then
          begin = at
          take(at, class, tenant, tokens_of(first[2]), oldest, answer)
          return true
        end
      end
      resettle(tenant)
      first = call('ZRANGE', lane(at), 0, 0, 'WITHSCORES')
    end
  end
  return false
end

local answer, wanted = {''}, tonumber(ARGV[5])
while wanted > 0 and take_next(answer) do wanted = wanted - 1 end
keep_state()
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
