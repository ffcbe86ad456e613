-- A tenant's tickets: the oldest of each class stand with the tenant. Later ones lie in a sorted set of the tenant's, by class and
-- time, from where they come FEW at a time.
local MOST, CLASS = 2 * FEW, 2251799813685248
local BOUNDS = {'0', '2251799813685248', '4503599627370496', '6755399441055744'}
local outside = {}

local function more(name) return prefix .. ':more:' .. name end

local function has_more(tenant) return tenant[MORE + 1] or tenant[MORE + 2] or tenant[MORE + 3] end

-- Writes down those that came to lie outside. One that lay there already was replaced.
local function put_outside(name)
  local list = outside[name]
  if list then
    outside[name] = nil
    tickets = tickets - (#list / 2 - call('ZADD', more(name), unpack(list)))
  end
end

-- Brings the next ones in. None but these are older than what stays outside.
local function refill(name, tenant, class)
  put_outside(name)
  local from, to = BOUNDS[class], '(' .. BOUNDS[class + 1]
  local found = call('ZRANGEBYSCORE', more(name), from, to, 'WITHSCORES', 'LIMIT', 0, FEW)
  local line, members, less = {}, {}, (class - 1) * CLASS
  for at = 1, #found, 2 do
    members[#members + 1] = found[at]
    line[at], line[at + 1] = tonumber(found[at + 1]) - less, found[at]
  end
  if members[1] then call('ZREM', more(name), unpack(members)) end
  tenant[LINE + class] = members[1] and line or false
  tenant[MORE + class] = #members == FEW
end

-- Drops the ticket at this place of a line, and says whether it was the oldest.
local function drop(name, tenant, class, at)
  local line = tenant[LINE + class]
  table.remove(line, at)
  table.remove(line, at)
  tickets = tickets - 1
  touched[name] = true
  if not line[1] then
    tenant[LINE + class] = false
    if tenant[MORE + class] then refill(name, tenant, class) end
  end
  return at == 1
end

-- Whether it was there, and whether it was the oldest of its class.
local function take_out(name, tenant, member)
  for class = 1, CLASSES do
    local line = tenant[LINE + class]
    for at = 1, line and #line or 0, 2 do
      if line[at + 1] == member then return true, drop(name, tenant, class, at) end
    end
  end
  return false, false
end

local function take_outside(name, tenant, member)
  if not has_more(tenant) then return end
  put_outside(name)
  tickets = tickets - call('ZREM', more(name), member)
end

local function lay_outside(name, tenant, class, time, member)
  local list = outside[name]
  if not list then
    list = {}
    outside[name] = list
  end
  list[#list + 1] = (class - 1) * CLASS + time
  list[#list + 1] = member
  tenant[MORE + class] = true
end

local function is_before(time, member, other_time, other)
  if time ~= other_time then return time < other_time end
  return bytes_before(member, other)
end

-- Adds a ticket that is not in the lines; says whether it is the oldest of its class now.
local function put_in(name, tenant, class, time, member, is_new)
  local line = tenant[LINE + class]
  tickets = tickets + 1
  touched[name] = true
  if not line then
    if is_new then take_outside(name, tenant, member) end
    tenant[LINE + class] = {time, member}
    return true
  end
  local size = #line
  if tenant[MORE + class] and is_before(line[size - 1], line[size], time, member) then
    lay_outside(name, tenant, class, time, member)
    return false
  end
  if is_new then take_outside(name, tenant, member) end
  local at = size + 1
  while at > 1 and is_before(time, member, line[at - 2], line[at - 1]) do at = at - 2 end
  table.insert(line, at, member)
  table.insert(line, at, time)
  if size + 2 > 2 * MOST then
    for last = 2 * FEW + 1, size + 2, 2 do
      lay_outside(name, tenant, class, line[last], line[last + 1])
    end
    for last = size + 2, 2 * FEW + 1, -1 do line[last] = nil end
  end
  return at == 1
end
