-- How long the server has run, in s, rounded either way: a lock that it lost with its memory is older.
return tonumber(string.match(redis.call('INFO', 'server'), 'uptime_in_seconds:(%d+)')) or -1
