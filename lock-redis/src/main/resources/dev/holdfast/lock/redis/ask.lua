-- Of a lock that is not free for sure: somebody has it, or waits. Answers as claim-free.lua says.
local function ask(id, lease, who, place)
  local holder = call('GET', lock)
  if holder == id then
    return extend(id, lease, who)
  end
  local waits = call('HEXISTS', waiters, id) == 1
  if call('HGET', record, 'off') then
    if waits then
      call('HDEL', waiters, id)
      call('LREM', queue, 1, id)
    end
    return {3}
  end
  if waits then
    register(id, lease, place, who)
  end
  if not holder then
    local wait = forgetful(lease)
    if wait then
      return {2, wait}
    end
    local next, token = promote(id)
    if next == id then
      return token
    elseif not next then
      return grant(id, lease, who)
    end
    holder = next
  end
  if place ~= '' and not waits then
    call('RPUSH', queue, id)
    register(id, lease, place, who)
  end
  return {0, call('PTTL', lock), holder, call('GET', fence) or '', call('LINDEX', queue, 0) == id and 1 or 0}
end

