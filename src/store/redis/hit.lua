-- Counts an event in a window that begins with the first one.
-- KEYS: counter
-- ARGV: milliseconds of the window
-- Returns the count and the milliseconds until the window ends.
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
-- It is new, or whoever began it has died before saying when it ends.
if left < 0 then
  left = tonumber(ARGV[1])
  redis.call('PEXPIRE', KEYS[1], left)
end
return {count, left}
