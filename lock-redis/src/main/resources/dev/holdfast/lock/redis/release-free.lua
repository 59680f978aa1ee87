-- Frees one lock if it is this claim's, or withdraws the claim; 1 if there was anything of it. ARGV: id, lease.
local call, lock = redis.call, KEYS[1]
local holder = call('GET', lock)
if holder == ARGV[1] and call('EXISTS', KEYS[3]) == 0 then
  return call('DEL', lock)
end
