-- Replaces records by their fold, unless that was done before. Those since the fold before are kept,
-- for nodes that are behind by a few and want to tell each.
-- KEYS: log, head, fold
-- ARGV: epoch, version, state
-- Returns 1, or 0 if the position is not of the log's present life.
local head = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'folded')
if not head[2] or head[1] ~= ARGV[1] or tonumber(ARGV[2]) > tonumber(head[2]) then
  return 0
end
if tonumber(ARGV[2]) > tonumber(head[3]) then
  redis.call('SET', KEYS[3], ARGV[3])
  redis.call('HSET', KEYS[2], 'folded', ARGV[2], 'kept', head[3])
  redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-0', tonumber(head[3]) + 1))
  local expires = redis.call('PEXPIRETIME', KEYS[2])
  if expires > 0 then
    redis.call('PEXPIREAT', KEYS[3], expires)
  end
end
return 1
