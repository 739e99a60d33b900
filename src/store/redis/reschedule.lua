-- Moves the time to wake of a log that ends at a position.
-- KEYS: head, and where one server has both: due
-- ARGV: epoch, version, wake_at or -, session
-- Returns whether it ends there; a log that does not exist ends at 0 0.
local head = redis.call('HMGET', KEYS[1], 'epoch', 'version')
local epoch = head[2] and head[1] or '0'
if epoch ~= ARGV[1] or (head[2] or '0') ~= ARGV[2] then
  return 0
end
if KEYS[2] then
  if ARGV[3] == '-' then
    redis.call('ZREM', KEYS[2], ARGV[4])
  else
    redis.call('ZADD', KEYS[2], ARGV[3], ARGV[4])
  end
end
return 1
