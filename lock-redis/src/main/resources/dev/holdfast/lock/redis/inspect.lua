-- Looks and touches nothing: {expiry in ms (-2 if free), holder's id, fence, 1 if on, clock in us, who waits...}
time = call('TIME')
local view = {call('PTTL', lock), call('GET', lock) or '', call('GET', fence) or '',
  call('HGET', record, 'off') and 0 or 1, time[1] * 1000000 + time[2]}
for _, id in ipairs(call('LRANGE', queue, 0, -1)) do
  local entry = call('HGET', waiters, id)
  local ends, who = string.match(entry or '', '^(%d+) %d+ %S+ %S+ (.*)$')
  if ends and tonumber(ends) > view[5] / 1000 then
    view[#view + 1] = who
  end
end
return view
