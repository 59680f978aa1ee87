-- Asks for one lock, or asks again. ARGV: id, lease, who, '<least> <sent> <channel>' or '' for not to wait.
-- Token if granted; {0, expiry in ms, holder's id, fence, 1 if first in the queue} held by another;
-- {2, ms} free, but the server is too young for that long; {3} switched off
if not young and ARGV[2] + 0 <= longest and call('EXISTS', queue, record) == 0
    and call('SET', lock, ARGV[1], 'NX', 'PX', ARGV[2]) then
  return token_for(ARGV[1], ARGV[2], ARGV[3])
end
