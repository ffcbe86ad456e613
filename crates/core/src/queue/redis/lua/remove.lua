-- Further arguments: tenant and member of a ticket.
local tenant, removed = ARGV[4], 0
for class = 0, CLASSES - 1 do removed = removed + call('ZREM', line(class, tenant), ARGV[5]) end
if removed > 0 then
  more_tickets = -removed
  settle(tenant)
end
keep_state()
