return ask(ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4])
