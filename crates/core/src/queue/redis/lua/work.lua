-- What is in work, with a limit alone: its tenant and id, by when it lapses. Each tenant's number of them stands with the tenant.
-- Those that begin in this step with their times; whose they are of whom it is not known whether they were in work before, which
-- matters at once only to a tenant near its limit, and until then they count; and how many should turn out not to have been.
local begun, unsure, begin_anew = {}, {}, 0

local function tenant_of(member) return string.match(member, '^[^\n]*') end

-- Counts what is in work of these. Only where what was noted does not add up: work that ended twice, or began again.
local function recount(names)
  local counts, in_work = {}, call('ZRANGE', WORK, 0, -1)
  for at = 1, #names do counts[names[at]] = 0 end
  for at = 1, #in_work do
    local name = tenant_of(in_work[at])
    if counts[name] then counts[name] = counts[name] + 1 end
  end
  for name, count in pairs(counts) do
    tenants[name][BUSY], touched[name] = count, true
  end
end

local function keep_begun()
  if begun[1] and call('ZADD', WORK, unpack(begun)) < begin_anew then recount(unsure) end
  begun, unsure, begin_anew = {}, {}, 0
end

-- Whether the tenant may have no more from here on.
local function begin_work(name, tenant, member)
  local is_near = tenant[BUSY] + 1 >= limit
  if is_near and unsure[1] then keep_begun() end
  if is_near and call('ZSCORE', WORK, member) then
    begun[#begun + 1], begun[#begun + 2] = ARGV[4], member
    return false
  end
  begun[#begun + 1], begun[#begun + 2] = ARGV[4], member
  tenant[BUSY], touched[name], begin_anew = tenant[BUSY] + 1, true, begin_anew + 1
  if not is_near then unsure[#unsure + 1] = name end
  return tenant[BUSY] >= limit
end

-- Lets lapse and rise what is due; not more than a little of it at once, so that no call is long.
local function advance()
  if limit > 0 and lapses_from <= now then
    local lapsed, names, freed = call('ZRANGEBYSCORE', WORK, '-inf', now, 'LIMIT', 0, 32), {}, {}
    for at = 1, #lapsed do names[at] = tenant_of(lapsed[at]) end
    know(names)
    for at = 1, #names do
      local name = names[at]
      tenants[name][BUSY] = tenants[name][BUSY] - 1
      touched[name] = true
      if not freed[name] then
        freed[name] = true
        freed[#freed + 1] = name
      end
    end
    if lapsed[1] then call('ZREM', WORK, unpack(lapsed)) end
    table.sort(freed, bytes_before)
    for at = 1, #freed do settle(freed[at], tenants[freed[at]]) end
    lapses_from = nil
  end
  if changes_from <= now then
    local due = call('ZRANGEBYSCORE', CHANGES, '-inf', now, 'LIMIT', 0, 64)
    know(due)
    for at = 1, #due do settle(due[at], tenants[due[at]]) end
    changes_from = nil
  end
end
