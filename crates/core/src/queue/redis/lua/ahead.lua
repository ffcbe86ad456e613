-- Further arguments: tenant, member and cost of a ticket. Answers with how many are before it, or false when it does not wait.
-- Not more tenants are looked at in a lane than a page needs to say "many".
local MANY = 500
local whose, member, cost = ARGV[4], ARGV[5], math.max(tonumber(ARGV[6]), 1)
call('HDEL', STATE, '')
advance()
keep()
know({whose})

local function due(class, name)
  local line, sum = tenants[name][LINE + class], 0
  for at = 1, line and #line or 0, 2 do
    if line[at] > now then return sum end
    sum = sum + 1
  end
  if not tenants[name][MORE + class] then return sum end
  return sum + call('ZCOUNT', more(name), BOUNDS[class], (class - 1) * CLASS + now)
end

local function standing(class, name)
  local line = tenants[name][LINE + class]
  if line then return counts_as(class, line[1]) end
end

local function waiting_in(lane, name)
  local sum = 0
  for class = lane, CLASSES do
    if standing(class, name) == lane then sum = sum + due(class, name) end
  end
  return sum
end

-- Class and time of the ticket, and how many of its class are before it.
local function find(tenant)
  for class = 1, CLASSES do
    local line = tenant[LINE + class]
    for at = 1, line and #line or 0, 2 do
      if line[at + 1] == member then return class, line[at], (at - 1) / 2 end
    end
  end
  local score = has_more(tenant) and tonumber(call('ZSCORE', more(whose), member) or nil)
  if not score then return nil end
  local class = floor(score / CLASS) + 1
  local outside_before = call('ZRANK', more(whose), member) - call('ZCOUNT', more(whose), '-inf', '(' .. BOUNDS[class])
  return class, score - (class - 1) * CLASS, #tenant[LINE + class] / 2 + outside_before
end

local tenant = tenants[whose]
local class, time, own = find(tenant)
if not class then return false end
local in_lane = standing(class, whose) or class
if time > now then own = due(class, whose) end
for urgent = in_lane, class - 1 do
  if standing(urgent, whose) == in_lane then own = own + due(urgent, whose) end
end

local function those_in(lane)
  local found, names = call('ZRANGE', prefix .. ':lane:' .. lane, 0, MANY, 'WITHSCORES'), {}
  for at = 1, #found, 2 do names[#names + 1] = found[at] end
  know(names)
  return names
end

local sum = own
for earlier = 1, in_lane - 1 do
  for _, other in ipairs(those_in(earlier)) do sum = sum + waiting_in(earlier, other) end
end
local tokens, arrival = beginning(in_lane, whose), ARRIVALS
if tenant[in_lane] then tokens, arrival = tokens_of(tenant[in_lane]), tenant[in_lane] % ARRIVALS end
local goal = tokens + own * cost
for _, other in ipairs(those_in(in_lane)) do
  local place = tenants[other][in_lane]
  local from = tokens_of(place)
  if other ~= whose and from <= goal then
    local turns = math.ceil((goal - from) / cost)
    if (goal - from) % cost == 0 then
      local came_first = turns < own or (turns == own and place % ARRIVALS < arrival)
      if came_first then turns = turns + 1 end
    end
    if turns > 0 then sum = sum + math.min(turns, waiting_in(in_lane, other)) end
  end
end
return sum
