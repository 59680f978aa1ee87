-- Renews the registrations of claims that wait, and never makes one.
-- For each: its token if the lock is its own by now, 0 if it waits, -1 if nothing of it is here.
-- ARGV: sent, channel, who; then id, lease and least of each.
local sent, channel, who = ARGV[1], ARGV[2], ARGV[3]
local answers = {}
for n = 1, #KEYS / 5 do
  use(5 * n - 4)
  local id, lease, least = ARGV[3 * n + 1], tonumber(ARGV[3 * n + 2]), ARGV[3 * n + 3]
  local holder = call('GET', lock)
  if holder == id then
    answers[n] = extend(id, lease, who)
  else
    answers[n] = -1
    if call('HEXISTS', waiters, id) == 1 then
      register(id, lease, least .. ' ' .. sent .. ' ' .. channel, who)
      answers[n] = 0
    end
    if not holder and not forgetful(lease) then
      local next, token = promote(id)
      if next == id then
        answers[n] = token
      end
    end
  end
end
return answers
