-- Further arguments: tenant, job, and until when it is in work; no time: the work has ended.
local tenant, member = ARGV[4], ARGV[4] .. '\n' .. ARGV[5]
-- As in take.lua: this must go on when memory is full.
call('HDEL', STATE, '')
if ARGV[6] == '' then
  if not end_work(member, tenant) then return end
else
  begin_work(member, tenant, ARGV[6])
end
settle(tenant)
ring()
