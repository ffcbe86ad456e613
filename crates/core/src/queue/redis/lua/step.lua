-- Further arguments: until when what is handed out counts as in work unless its worker says more; how many tickets are asked for; how
-- many notes, removals and tickets follow. A note: tenant, job, until when it is in work (no time: the work has ended). A removal: tenant,
-- member. A ticket: tenant, class, time, member.
--
-- Answers with whether tickets were refused (1), with the time at which to look again if nothing is added (empty unless fewer were
-- found than were asked for), and with member, class, tenant and time of each ticket.
local handed_out, wanted = tonumber(ARGV[4]), tonumber(ARGV[5])
local notes_end = 8 + 3 * tonumber(ARGV[6])
local removals_end = notes_end + 2 * tonumber(ARGV[7])
local tickets_end = removals_end + 4 * tonumber(ARGV[8])
local woken, refused, soonest = false, 0, changes_from

-- A script that has written already is not refused when memory is full, and a queue must be emptied above all then. Adding begins
-- with what is refused.
if tickets_end > removals_end then
  local many = tonumber(ARGV[8])
  if type(redis.pcall('HINCRBY', STATE, 'tickets', many)) == 'number' then
    tickets = -many
  else
    tickets_end, refused = removals_end, 1
  end
end
if tickets_end == removals_end then call('HDEL', STATE, '') end

local names = {}
for at = 9, notes_end, 3 do names[#names + 1] = ARGV[at] end
for at = notes_end + 1, removals_end, 2 do names[#names + 1] = ARGV[at] end
for at = removals_end + 1, tickets_end, 4 do
  names[#names + 1] = ARGV[at]
end
know(names)
unasked = names

if notes_end > 8 then
  local members, now_in_work, ended, later = {}, {}, {}, {}
  for at = 9, notes_end, 3 do members[#members + 1] = ARGV[at] .. '\n' .. ARGV[at + 1] end
  local before = in_work(members)
  for at = 1, #members do now_in_work[members[at]] = before[at] end
  for at = 1, #members do
    local member, name, until_time = members[at], ARGV[3 * at + 6], tonumber(ARGV[3 * at + 8])
    local tenant, busy = tenants[name], tenants[name][BUSY]
    local was_in_work = now_in_work[member]
    now_in_work[member] = until_time or false
    if until_time then
      if until_time < lapses_from then lapses_from = until_time end
      if not was_in_work then
        tenant[BUSY], touched[name] = busy + 1, true
        if busy + 1 >= limit then settle(name, tenant) end
      end
    elseif was_in_work then
      tenant[BUSY], touched[name] = busy - 1, true
      if busy >= limit then
        settle(name, tenant)
        woken = true
      end
    end
  end
  for member, until_time in pairs(now_in_work) do
    if until_time then
      later[#later + 1], later[#later + 2] = until_time, member
    else
      ended[#ended + 1] = member
    end
  end
  if ended[1] then call('ZREM', WORK, unpack(ended)) end
  if later[1] then call('ZADD', WORK, unpack(later)) end
end

for at = notes_end + 1, removals_end, 2 do
  local name, member = ARGV[at], ARGV[at + 1]
  local tenant = tenants[name]
  local found, was_first = take_out(name, tenant, member)
  if was_first then
    settle(name, tenant)
  elseif not found then
    take_outside(name, tenant, member)
  end
end

for at = removals_end + 1, tickets_end, 4 do
  local name, member = ARGV[at], ARGV[at + 3]
  local tenant = tenants[name]
  local found, was_first = take_out(name, tenant, member)
  local is_first = put_in(name, tenant, ARGV[at + 1] + 1, tonumber(ARGV[at + 2]), member, not found)
  if was_first or is_first then settle(name, tenant) end
  woken = true
end

-- Takes the oldest ticket of a line for a tenant whose turn it is in the lane.
local function take(lane, class, name, tenant, answer)
  local line, size = tenant[LINE + class], #answer
  local time, member = line[1], line[2]
  answer[size + 1], answer[size + 2], answer[size + 3], answer[size + 4] = member, class - 1, name, time
  drop(name, tenant, class, 1)
  local tokens = tokens_of(tenant[lane])
  state[STANDS + lane] = tokens
  put(lane, name, tenant, tokens + math.max(cost_of(member), 1))
  local full = limit > 0 and begin_work(name, tenant, name .. '\n' .. string.sub(member, 1, -5), handed_out)
  local since = tenant[LINE + class][1]
  -- Mostly the next ticket counts as the same, and the tenant stays in the lane. That it would rise later than was noted shows
  -- when that time comes.
  if full or not since or counts_as(class, since) ~= lane then settle(name, tenant) end
end

-- Whether there was one.
local function take_next(answer)
  for lane = 1, CLASSES do
    local name = first(lane, wanted)
    while name do
      local tenant = tenants[name]
      for class = lane, CLASSES do
        local since = tenant[LINE + class][1]
        if since and counts_as(class, since) == lane then
          take(lane, class, name, tenant, answer)
          return true
        end
      end
      settle(name, tenant)
      name = first(lane, wanted)
    end
  end
  return false
end

local answer = {refused, ''}
if wanted > 0 then
  advance()
  while wanted > 0 and take_next(answer) do wanted = wanted - 1 end
end

-- Whoever found nothing has left word of it; all processes hear the bell, and those in which somebody sleeps ask again.
local is_left = state[INSIDE + 1] + state[INSIDE + 2] + state[INSIDE + 3] > 0 or (changes_from or 0) < soonest
local rings = woken and is_left and state[ASLEEP]
state[ASLEEP] = wanted > 0 or (state[ASLEEP] and not rings)
keep()
if rings then call('PUBLISH', string.match(prefix, '^(.*):') .. ':bell', '') end
if wanted > 0 then
  local next_time = math.min(changes_from, limit > 0 and lapses_from or NEVER)
  if next_time < NEVER then answer[2] = string.format('%.0f', next_time) end
end
return answer
