-- Further arguments: tenant, member and cost of a ticket. Answers with how many are before it, or false when it does not wait.
-- Not more tenants are looked at in a lane than a page needs to say "many".
local MANY = 500
local tenant, member, cost = ARGV[4], ARGV[5], math.max(tonumber(ARGV[6]), 1)
call('HDEL', STATE, '')
advance()
keep_state()

local function due(class, of_tenant) return call('ZCOUNT', line(class, of_tenant), '-inf', now) end

local function waiting_in(in_lane, of_tenant)
  local sum = 0
  for class = in_lane, CLASSES - 1 do
    if standing(class, of_tenant) == in_lane then sum = sum + due(class, of_tenant) end
  end
  return sum
end

local class, time
for candidate = 0, CLASSES - 1 do
  local score = call('ZSCORE', line(candidate, tenant), member)
  if score then class, time = candidate, tonumber(score) end
end
if not class then return false end

local in_lane = standing(class, tenant) or class
local own = time > now and due(class, tenant) or call('ZRANK', line(class, tenant), member)
for urgent = in_lane, class - 1 do
  if standing(urgent, tenant) == in_lane then own = own + due(urgent, tenant) end
end

local sum = own
for earlier = 0, in_lane - 1 do
  for _, other in ipairs(call('ZRANGE', lane(earlier), 0, MANY)) do sum = sum + waiting_in(earlier, other) end
end
local tokens, arrival = place(in_lane, tenant)
local goal = tokens + own * cost
local others = call('ZRANGE', lane(in_lane), 0, MANY, 'WITHSCORES')
for at = 1, #others, 2 do
  local other = others[at]
  local score = tonumber(others[at + 1])
  local from = tokens_of(score)
  if other ~= tenant and from <= goal then
    local turns = math.ceil((goal - from) / cost)
    if (goal - from) % cost == 0 then
      local came_first = turns < own or (turns == own and score % ARRIVALS < arrival)
      if came_first then turns = turns + 1 end
    end
    if turns > 0 then sum = sum + math.min(turns, waiting_in(in_lane, other)) end
  end
end
return sum
