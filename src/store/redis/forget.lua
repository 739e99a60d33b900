-- Forgets a log whose time is over.
-- KEYS: log, head, fold, and where one server has them all: logs, forget, due
-- ARGV: kind, session, now, milliseconds that the epoch is remembered
-- Returns whether it was forgotten, and when it is to be forgotten; - if there is none or never.
local head = redis.call('HMGET', KEYS[2], 'version', 'kind', 'forgettable_at')
local exists = head[1] and head[2] == ARGV[1]
local at = exists and head[3] or '-'
local over = at ~= '-' and tonumber(at) <= tonumber(ARGV[3])
if over then
  redis.call('DEL', KEYS[1], KEYS[3])
  -- The epoch stays, so that the next life gets a later one.
  redis.call('HDEL', KEYS[2], 'version', 'kind', 'folded', 'kept', 'wake_at', 'forgettable_at')
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
  at = '-'
end
if KEYS[4] then
  if over or not exists then
    redis.call('ZREM', KEYS[4], ARGV[2])
    redis.call('ZREM', KEYS[6], ARGV[2])
  end
  local member = ARGV[1] .. ':' .. ARGV[2]
  if at == '-' then
    redis.call('ZREM', KEYS[5], member)
  else
    redis.call('ZADD', KEYS[5], at, member)
  end
end
return {over and 1 or 0, at}
