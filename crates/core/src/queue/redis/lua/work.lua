-- What is in work, with a limit alone: its tenant and id, by when it lapses. Each tenant's number of them stands with the tenant.
-- Those that begin in this step: until when; and those of which it is not known whether they were in work before, which matters
-- only to a tenant near its limit. As long as it is not known they count.
local begun, unsure = {}, {}

local function in_work(members)
  return call('ZMSCORE', WORK, unpack(members))
end

-- What was in work before does not count twice.
local function make_sure()
  if not unsure[1] then return end
  local members = {}
  for at = 2, #unsure, 2 do members[#members + 1] = unsure[at] end
  local known = in_work(members)
  for at = 1, #members do
    local tenant = tenants[unsure[2 * at - 1]]
    if known[at] then tenant[BUSY] = tenant[BUSY] - 1 end
  end
  unsure = {}
end

-- Whether the tenant may have no more from here on.
local function begin_work(name, tenant, member, until_time)
  begun[#begun + 1], begun[#begun + 2] = until_time, member
  touched[name] = true
  if lapses_from and until_time < lapses_from then lapses_from = until_time end
  if tenant[BUSY] + 1 >= limit then
    make_sure()
    if call('ZSCORE', WORK, member) then return false end
    tenant[BUSY] = tenant[BUSY] + 1
    return tenant[BUSY] >= limit
  end
  tenant[BUSY] = tenant[BUSY] + 1
  unsure[#unsure + 1], unsure[#unsure + 2] = name, member
  return false
end

-- Lets lapse and rise what is due; not more than a little of it at once, so that no call is long.
local function advance()
  if limit > 0 and lapses_from <= now then
    local lapsed, names, freed = call('ZRANGEBYSCORE', WORK, '-inf', now, 'LIMIT', 0, 32), {}, {}
    for at = 1, #lapsed do names[at] = string.match(lapsed[at], '^[^\n]*') end
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
