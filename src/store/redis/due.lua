-- Names what is due and postpones it.
-- KEYS: due
-- ARGV: now, how many at most, the next time
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, session in ipairs(due) do
  redis.call('ZADD', KEYS[1], ARGV[3], session)
end
return due
