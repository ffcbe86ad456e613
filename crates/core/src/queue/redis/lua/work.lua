-- Further arguments: tenant, job, and until when it is in work (no time: the work has ended), of each that is noted.
-- As in take.lua: this must go on when memory is full.
call('HDEL', STATE, '')
local more = false
for at = 4, #ARGV, 3 do
  local tenant, until_time = ARGV[at], ARGV[at + 2]
  local member, turned = tenant .. '\n' .. ARGV[at + 1], false
  if until_time == '' then
    local _, freed = end_work(member, tenant)
    turned, more = freed, more or freed
  else
    turned = begin_work(member, tenant, until_time)
  end
  if turned then settle(tenant) end
end
keep_state()
if more then ring() end
