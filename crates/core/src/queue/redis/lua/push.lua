-- Further arguments: tenant, class, time and member of each ticket. The first write is one that Redis refuses when its memory
-- is full, so that nothing is done by halves then.
local touched = {}
for at = 4, #ARGV, 4 do
  local tenant, class, time, member = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2], ARGV[at + 3]
  local added, moved = call('ZADD', line(class, tenant), time, member) == 1, 0
  if added then
    for other = 0, CLASSES - 1 do
      if other ~= class then moved = moved + call('ZREM', line(other, tenant), member) end
    end
    if moved == 0 then call('HINCRBY', STATE, 'tickets', 1) end
  end
  -- Where a line counts is a matter of its front alone.
  local is_plain = added and moved == 0
  if not touched[tenant] and not (is_plain and call('ZRANGE', line(class, tenant), 0, 0)[1] ~= member) then
    touched[tenant] = true
    touched[#touched + 1] = tenant
  end
end
for _, tenant in ipairs(touched) do settle(tenant) end
ring()
