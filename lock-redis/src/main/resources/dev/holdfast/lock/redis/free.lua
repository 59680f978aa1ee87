-- Of a lock that somebody waits for, or that is not held by this claim. Answers as release-free.lua says.
local function free(holder, id, lease)
  if holder == id then
    if forgetful(lease) or not promote(nil) then
      call('DEL', lock)
    end
    return 1
  end
  local freed = call('HDEL', waiters, id)
  if freed == 1 then
    call('LREM', queue, 1, id)
  end
  if not holder and not forgetful(lease) then
    promote(nil)
  end
  return freed
end

