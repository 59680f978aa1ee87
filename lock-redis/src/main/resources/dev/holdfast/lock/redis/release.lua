return free(holder, ARGV[1], tonumber(ARGV[2]))
