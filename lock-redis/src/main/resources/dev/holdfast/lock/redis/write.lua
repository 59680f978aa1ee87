-- Writes the record if the lock is this claim's: 1 if it was.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[5], 'text', ARGV[2])
return 1
