-- Writes what differs from what was read.
local function is_busy_alone(tenant)
  return not (tenant[1] or tenant[2] or tenant[3] or tenant[CHANGE] or tenant[LINE + 1] or tenant[LINE + 2] or tenant[LINE + 3]
    or has_more(tenant))
end

local function keep_lane(lane)
  local key, places, gone = prefix .. ':lane:' .. lane, {}, {}
  for name, before in pairs(was[lane]) do
    local place = tenants[name][lane]
    if place and place ~= before then
      places[#places + 1], places[#places + 2] = place, name
    elseif before and not place then
      gone[#gone + 1] = name
    end
  end
  if gone[1] then call('ZREM', key, unpack(gone)) end
  if places[1] then call('ZADD', key, unpack(places)) end
  if cleared[lane] and state[LEFT + lane] then
    call('DEL', prefix .. ':left:' .. lane)
    state[LEFT + lane] = false
  end
  local offs = {}
  for name in pairs(leavers[lane]) do offs[#offs + 1], offs[#offs + 2] = name, left[lane][name] end
  if offs[1] then
    call('HSET', prefix .. ':left:' .. lane, unpack(offs))
    state[LEFT + lane] = true
  end
end

local function keep_changes()
  local times, never = {}, {}
  for name, before in pairs(change_was) do
    local time = tenants[name][CHANGE]
    if time and time ~= before then
      times[#times + 1], times[#times + 2] = time, name
    elseif before and not time then
      never[#never + 1] = name
    end
  end
  if never[1] then call('ZREM', CHANGES, unpack(never)) end
  if times[1] then call('ZADD', CHANGES, unpack(times)) end
end

local function keep_tenants()
  local some, none = {}, {}
  for name in pairs(touched) do
    local tenant = tenants[name]
    if not is_busy_alone(tenant) then
      some[#some + 1], some[#some + 2] = name, pack(tenant)
    elseif tenant[BUSY] ~= 0 then
      some[#some + 1], some[#some + 2] = name, tenant[BUSY]
    else
      none[#none + 1] = name
    end
  end
  if none[1] then call('HDEL', TENANTS, unpack(none)) end
  if some[1] then call('HSET', TENANTS, unpack(some)) end
end

local function earliest(key) return tonumber(call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or NEVER) end

local function or_false(time) return time < NEVER and time end

-- The last step of every script.
local function keep()
  keep_begun()
  for name in pairs(outside) do put_outside(name) end
  for lane = 1, CLASSES do
    if next(was[lane]) then keep_lane(lane) end
  end
  keep_changes()
  keep_tenants()
  changes_from, lapses_from = changes_from or earliest(CHANGES), lapses_from or earliest(WORK)
  state[CHANGES_FROM], state[LAPSES_FROM] = or_false(changes_from), or_false(lapses_from)
  call('HSET', STATE, 'all', pack(state))
  if tickets ~= 0 then call('HINCRBY', STATE, 'tickets', tickets) end
end
