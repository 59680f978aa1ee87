-- Renews locks that are held; '1' or '0' for each. ARGV: id and lease of each.
local answers = {}
for n = 1, #KEYS / 2 do
  local lock, fence = KEYS[2 * n - 1], KEYS[2 * n]
  local lease = tonumber(ARGV[2 * n])
  if redis.call('GET', lock) == ARGV[2 * n - 1] then
    redis.call('PEXPIRE', lock, lease)
    if redis.call('PTTL', fence) < lease then
      redis.call('PEXPIRE', fence, lease)
    end
    answers[n] = '1'
  else
    answers[n] = '0'
  end
end
return table.concat(answers)
