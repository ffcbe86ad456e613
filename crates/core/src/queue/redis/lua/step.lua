-- Further arguments: until when what is handed out counts as in work unless its worker says more; how many tickets are asked for; how
-- many notes, removals and tickets follow. A note: tenant, tenant and job as
-- they stand among what is in work, until when it does (no time: the work has ended). A removal: tenant,
-- member. A ticket: tenant, class, time, member.
--
-- Answers with whether tickets were refused (1), with the time at which to look again if nothing is added (empty unless fewer were
-- found than were asked for), and with member, class, tenant and time of each ticket.
local wanted = tonumber(ARGV[5])
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

-- Whoever reaches the limit leaves the lanes, and whoever may have more again comes back.
local function note_busy(name, busy)
  local tenant = tenants[name]
  local before = tenant[BUSY]
  tenant[BUSY], touched[name] = busy, true
  if busy < limit and before >= limit then
    settle(name, tenant)
    woken = true
  elseif busy >= limit and busy > before then
    settle(name, tenant)
  end
end

-- One after the other, as they were told: the same job may be told of more than once.
local function note_each(members)
  local before, in_work, ended, later = call('ZMSCORE', WORK, unpack(members)), {}, {}, {}
  for at = 1, #members do in_work[members[at]] = before[at] end
  for at = 1, #members do
    local member, name, until_time = members[at], ARGV[3 * at + 6], tonumber(ARGV[3 * at + 8])
    local was_in_work = in_work[member]
    in_work[member] = until_time or false
    if until_time and until_time < lapses_from then lapses_from = until_time end
    if until_time and not was_in_work then
      note_busy(name, tenants[name][BUSY] + 1)
    elseif was_in_work and not until_time then
      note_busy(name, tenants[name][BUSY] - 1)
    end
  end
  for member, until_time in pairs(in_work) do
    if until_time then
      later[#later + 1], later[#later + 2] = until_time, member
    else
      ended[#ended + 1] = member
    end
  end
  if ended[1] then call('ZREM', WORK, unpack(ended)) end
  if later[1] then call('ZADD', WORK, unpack(later)) end
end

if notes_end > 8 then
  local members, all_ended = {}, true
  for at = 9, notes_end, 3 do
    members[#members + 1] = ARGV[at + 1]
    if ARGV[at + 2] ~= '' then all_ended = false end
  end
  if not all_ended then
    note_each(members)
  elseif call('ZREM', WORK, unpack(members)) == #members then
    for at = 9, notes_end, 3 do note_busy(ARGV[at], tenants[ARGV[at]][BUSY] - 1) end
  else
    local before, whose = {}, {}
    for at = 9, notes_end, 3 do
      local name = ARGV[at]
      if not before[name] then
        before[name] = tenants[name][BUSY]
        whose[#whose + 1] = name
      end
    end
    recount(whose)
    for at = 1, #whose do
      local name = whose[at]
      local busy = tenants[name][BUSY]
      tenants[name][BUSY] = before[name]
      note_busy(name, busy)
    end
  end
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
  local full = limit > 0 and begin_work(name, tenant, name .. '\n' .. string.sub(member, 1, -5))
  local next_line = tenant[LINE + class]
  -- Mostly the next ticket counts as the same, and the tenant stays in the lane. That it would rise later than was noted shows
  -- when that time comes.
  if full or not next_line or counts_as(class, next_line[1]) ~= lane then settle(name, tenant) end
end

-- Whether there was one.
local function take_next(answer)
  for lane = 1, CLASSES do
    local name = first(lane, wanted)
    while name do
      local tenant = tenants[name]
      for class = lane, CLASSES do
        local line = tenant[LINE + class]
        if line and counts_as(class, line[1]) == lane then
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
  if limit > 0 and lapses_from then lapses_from = math.min(lapses_from, tonumber(ARGV[4])) end
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
