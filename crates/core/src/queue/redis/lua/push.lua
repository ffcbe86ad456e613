-- Further arguments: tenant, class, time and member of each ticket. The first write is one that Redis refuses when its memory
-- is full, so that nothing is done by halves then.
local OTHERS = {[0] = {1, 2}, {0, 2}, {0, 1}}

-- The same as to settle a tenant that has this ticket alone, and had none.
local function join(tenant, class, since)
  if limit > 0 and number(call('HGET', BUSY, tenant)) >= limit then return end
  local at, change = counts_as(class, since)
  if at then put(at, tenant, beginning(at, tenant)) end
  if change then call('ZADD', CHANGES, change, tenant) end
end

local touched = {}
local function touch(tenant)
  if not touched[tenant] then
    touched[tenant] = true
    touched[#touched + 1] = tenant
  end
end

for at = 4, #ARGV, 4 do
  local tenant, class, time, member = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local added, moved, has_others = call('ZADD', line(class, tenant), time, member) == 1, 0, false
  if added then
    local one, other = line(OTHERS[class][1], tenant), line(OTHERS[class][2], tenant)
    has_others = call('EXISTS', one, other) > 0
    if has_others then moved = call('ZREM', one, member) + call('ZREM', other, member) end
    if moved == 0 then more_tickets = more_tickets + 1 end
  end
  if not added or moved > 0 then
    touch(tenant)
  elseif not touched[tenant] then
    -- Where a line counts is a matter of its front alone.
    local oldest = front(class, tenant)
    if oldest[1] == member then
      if oldest[3] or has_others then touch(tenant) else join(tenant, class, tonumber(time)) end
    end
  end
end
for _, tenant in ipairs(touched) do settle(tenant) end
keep_state()
ring()
