-- What those scripts share that have to do with others who wait.

local function use(first)
  lock, fence, queue, waiters, record = unpack(KEYS, first, first + 4)
end

local function micros()
  time = time or call('TIME')
  return time[1] * 1000000 + time[2]
end

-- For how many ms the server may have forgotten a lock with this lease that somebody trusts still; else nil.
-- It counts whole seconds, and may say one more than have passed.
local function forgetful(lease)
  if young or lease > longest then
    local up = string.match(call('INFO', 'server'), 'uptime_in_seconds:(%d+)')
    local wait = math.max(lease, longest) - math.max(0, (up or 0) - 1) * 1000
    if wait > 0 then
      return wait
    end
  end
end

local function grant(id, px, who)
  call('SET', lock, id, 'PX', px)
  return token_for(id, px, who)
end

-- Of a lock that is this claim's already: the whole lease anew, and the token that it has.
local function extend(id, lease, who)
  call('PEXPIRE', lock, lease)
  local known = call('GET', fence)
  if known then
    local token, owner = string.match(known, '^(%d+) (%S+)')
    if owner == id then
      if call('PTTL', fence) < lease then
        call('PEXPIRE', fence, lease)
      end
      return tonumber(token)
    end
  end
  return token_for(id, lease, who) -- evicted, or deleted by somebody
end

-- Writes the registration of a claim that is in the queue: until when it counts as alive. 'place' is the
-- rest of it: '<least> <sent> <channel>'.
local function register(id, lease, place, who)
  local ends = math.ceil(micros() / 1000) + lease
  call('HSET', waiters, id, string.format('%.0f', ends) .. ' ' .. place .. ' ' .. who)
  if call('PTTL', queue) < lease then
    call('PEXPIRE', queue, lease + math.floor(lease / 2))
    call('PEXPIRE', waiters, lease + math.floor(lease / 2))
  end
end

-- Hands a lock that nobody has to the first waiter that is alive, for what remains of its registration,
-- and tells that one alone (not 'me', who hears of it in the answer). Who has little left keeps its place
-- and is passed by; who has run out is forgotten.
local function promote(me)
  local id = call('LINDEX', queue, 0)
  if not id or call('HGET', record, 'off') then
    return nil
  end
  local now = math.floor(micros() / 1000)
  local at = 0
  while id do
    local left, least, sent, channel, who = 0, 0
    local entry = call('HGET', waiters, id)
    if entry then
      local ends
      ends, least, sent, channel, who = string.match(entry, '^(%d+) (%d+) (%S+) (%S+) (.*)$')
      left = ends - now
    end
    if left > 0 and left <= tonumber(least) then
      at = at + 1
    else
      if at == 0 then
        call('LPOP', queue)
      else
        call('LREM', queue, 1, id)
      end
      call('HDEL', waiters, id)
      if left > 0 then
        local token = grant(id, left, who)
        if id ~= me then
          call('PUBLISH', channel, id .. ' ' .. string.format('%.0f', token) .. ' ' .. sent)
        end
        return id, token
      end
    end
    id = call('LINDEX', queue, at)
  end
  return nil
end

