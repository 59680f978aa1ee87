-- What the scripts share. Five keys per lock, all in one slot:
--   lock     string   the holder's claim id; the only key that other programs need to know
--   fence    string   '<last token> <claim id> <who>' of the last grant
--   queue    list     ids of the claims that wait, in order of arrival
--   waiters  hash     id -> '<ends, ms> <least, ms> <sent> <channel> <who>', the registrations
--   record   hash     'text' and 'off': what outlives the holders
-- Of those that grant, the line before this one sets 'young' (the server may have lost locks that somebody
-- trusts still) and 'longest', the lease in ms that it is old enough for.

local call = redis.call
local lock, fence, queue, waiters, record = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local time

-- Draws the token of a grant that was just written. The fence lives at least as long as the grant, and
-- until the clock has passed the token: then it is not needed any more. Most often the clock is far ahead
-- of the last token, which comes back from the very command that writes the new one. Both have 16 digits
-- until the year 2286, so that they compare as text.
local function token_for(id, px, who)
  time = time or call('TIME')
  local token = time[1] .. string.sub(time[2] + 1000000, 2)
  local last = call('SET', fence, token .. ' ' .. id .. ' ' .. who, 'PX', px, 'GET')
  if last and last >= token then
    local next = tonumber(string.match(last, '^%d+')) + 1
    local ahead = math.ceil((next - token) / 1000)
    token = string.format('%.0f', next)
    call('SET', fence, token .. ' ' .. id .. ' ' .. who, 'PX', px + ahead)
  end
  return tonumber(token)
end
