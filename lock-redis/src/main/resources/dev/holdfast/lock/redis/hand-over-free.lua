-- Frees one lock and asks for it anew, in one trip. ARGV: id of the old claim, then as for a claim.
-- Token if it was the old claim's and nobody else waits; else {what a release answers, what a claim answers}
local holder = call('GET', lock)
if not young and ARGV[3] + 0 <= longest and holder == ARGV[1]
    and call('EXISTS', queue, record) == 0 then
  call('SET', lock, ARGV[2], 'PX', ARGV[3])
  return token_for(ARGV[2], ARGV[3], ARGV[4])
end
