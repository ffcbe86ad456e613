-- Whose turn it is, as `lane.rs` says. A place is a whole number: tokens, and below them the arrival. Of two that are as far, the
-- one that came first is next.
--
-- Of each lane: places as they were before this step of those who moved in it; those who moved, by place; and what was read of it, by
-- place. Of the last two some are out of date: a tenant's own word counts.
local was, moved, read = {{}, {}, {}}, {{}, {}, {}}, {}
-- Where those who left the lane, or might come into it, left off; those of whom that was not asked; and who has to be written down.
local left, unasked, leavers, cleared = {{}, {}, {}}, {}, {{}, {}, {}}, {}
local stored = {state[INSIDE + 1], state[INSIDE + 2], state[INSIDE + 3]}
local change_was = {}

local function tokens_of(place) return floor(place / ARRIVALS) end

-- Where a tenant that stands in no place of the lane would begin.
local function beginning(lane, name)
  local known = left[lane][name]
  if known == nil and state[LEFT + lane] and not cleared[lane] then
    local asked = {name}
    for at = 1, #unasked do
      if left[lane][unasked[at]] == nil then asked[#asked + 1] = unasked[at] end
    end
    local found = call('HMGET', prefix .. ':left:' .. lane, unpack(asked))
    for at = 1, #asked do left[lane][asked[at]] = tonumber(found[at] or 0) end
    known = left[lane][name]
  end
  return math.max(state[STANDS + lane], known or 0)
end

local function put(lane, name, tenant, tokens)
  local arrival = (state[ARRIVED + lane] + 1) % ARRIVALS
  local place, before = tokens * ARRIVALS + arrival, tenant[lane]
  state[ARRIVED + lane] = arrival
  if was[lane][name] == nil then was[lane][name] = before end
  if not before then state[INSIDE + lane] = state[INSIDE + lane] + 1 end
  tenant[lane] = place
  touched[name] = true
  local list = moved[lane]
  local at, begin = #list, list.at or 1
  while at > begin and list[at - 1] > place do
    list[at + 1], list[at + 2] = list[at - 1], list[at]
    at = at - 2
  end
  list[at + 1], list[at + 2] = place, name
end

-- Nobody has to be remembered when nobody is there to compete with.
local function leave(lane, name, tenant)
  local place = tenant[lane]
  if was[lane][name] == nil then was[lane][name] = place end
  tenant[lane] = false
  touched[name] = true
  state[INSIDE + lane] = state[INSIDE + lane] - 1
  if state[INSIDE + lane] > 0 then
    left[lane][name] = tokens_of(place)
    leavers[lane][name] = true
  else
    state[STANDS + lane], state[ARRIVED + lane] = 0, 0
    left[lane], leavers[lane], cleared[lane] = {}, {}, true
  end
end

local function stand(lane, name, tenant, is_wanted)
  if is_wanted then
    put(lane, name, tenant, beginning(lane, name))
  else
    leave(lane, name, tenant)
  end
end

-- Puts a tenant into the lanes in which it counts now, and out of all others.
local function settle(name, tenant)
  local next_change, first_lane, second_lane, third_lane = false, false, false, false
  if limit == 0 or tenant[BUSY] < limit then
    for class = 1, CLASSES do
      local line = tenant[LINE + class]
      if line then
        local at, change = counts_as(class, line[1])
        if at == 1 then first_lane = true elseif at == 2 then second_lane = true elseif at then third_lane = true end
        if change and (not next_change or change < next_change) then next_change = change end
      end
    end
  end
  if first_lane ~= (tenant[1] and true) then stand(1, name, tenant, first_lane) end
  if second_lane ~= (tenant[2] and true) then stand(2, name, tenant, second_lane) end
  if third_lane ~= (tenant[3] and true) then stand(3, name, tenant, third_lane) end
  if next_change ~= tenant[CHANGE] then
    if change_was[name] == nil then change_was[name] = tenant[CHANGE] end
    tenant[CHANGE] = next_change
    touched[name] = true
    if next_change and changes_from and next_change < changes_from then changes_from = next_change end
  end
end

local function read_on(lane, many)
  local from = read[lane].until_rank
  local found = call('ZRANGE', prefix .. ':lane:' .. lane, from, from + many - 1, 'WITHSCORES')
  local names = {}
  for at = 1, #found, 2 do names[#names + 1] = found[at] end
  know(names)
  read[lane] = {list = found, at = 1, until_rank = from + #names, is_all = #names < many}
end

-- Who is next in a lane.
local function first(lane, many)
  if state[INSIDE + lane] == 0 then return nil end
  local list = moved[lane]
  local at = list.at or 1
  while list[at] and tenants[list[at + 1]][lane] ~= list[at] do at = at + 2 end
  list.at = at
  if not read[lane] then read[lane] = {list = {}, at = 1, until_rank = 0, is_all = stored[lane] == 0} end
  while true do
    local old = read[lane]
    local name = old.list[old.at]
    if name then
      local place = tonumber(old.list[old.at + 1])
      if tenants[name][lane] == place then
        if list[at] and list[at] < place then return list[at + 1] end
        return name
      end
      old.at = old.at + 2
    elseif old.is_all then
      return list[at + 1]
    else
      read_on(lane, many)
    end
  end
end
