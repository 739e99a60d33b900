-- Adds records behind an expected end.
-- KEYS: log, head, fold, and where one server has them all: logs, forget, due
-- ARGV: expected epoch, expected version, candidate epoch, kind, wake_at or -, forgettable_at or -,
--       milliseconds it is kept after that, session, channel, number of records,
--       record..., and echoes: for each the number of its words, word...
-- Returns the status - 1 committed, 0 conflict, -1 foreign - and the epoch.
local FIRST_RECORD = 11
local head = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'kind')
local epoch, version = head[1], head[2]

if version and head[3] ~= ARGV[4] then
  return {-1, '0'}
end
if (version and epoch or '0') ~= ARGV[1] or (version or '0') ~= ARGV[2] then
  return {0, '0'}
end
if not version then
  -- What is left of a former life tells its epoch.
  local former = tonumber(epoch or '0')
  epoch = ARGV[3]
  if tonumber(epoch) <= former then
    epoch = string.format('%.0f', former + 1)
  end
  -- First, because a server that is full refuses it; after a DEL it would refuse nothing.
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'kind', ARGV[4], 'folded', '0', 'kept', '0')
  redis.call('DEL', KEYS[1], KEYS[3])
end

local last = tonumber(ARGV[2])
local behind_records = FIRST_RECORD + tonumber(ARGV[10])
for i = FIRST_RECORD, behind_records - 1 do
  last = last + 1
  redis.call('XADD', KEYS[1], last .. '-0', 'e', ARGV[i])
end
redis.call('HSET', KEYS[2], 'version', last, 'wake_at', ARGV[5], 'forgettable_at', ARGV[6])

-- Redis forgets by itself what no sweep has come for.
for i = 1, 3 do
  if ARGV[6] == '-' then
    redis.call('PERSIST', KEYS[i])
  else
    local time = redis.call('TIME')
    local now = time[1] * 1000
    local expires = math.max(now, tonumber(ARGV[6])) + tonumber(ARGV[7])
    redis.call('PEXPIREAT', KEYS[i], string.format('%.0f', expires))
  end
end

local function index(key, score, member)
  if score == '-' then
    redis.call('ZREM', key, member)
  else
    redis.call('ZADD', key, score, member)
  end
end
if KEYS[4] then
  index(KEYS[4], epoch, ARGV[8])
  index(KEYS[5], ARGV[6], ARGV[4] .. ':' .. ARGV[8])
  index(KEYS[6], ARGV[5], ARGV[8])
end
redis.call('PUBLISH', ARGV[9], epoch .. ':' .. last)

local at = behind_records
while at <= #ARGV do
  local behind = at + tonumber(ARGV[at])
  -- Whatever becomes of it: the append has been made.
  redis.pcall(unpack(ARGV, at + 1, behind))
  at = behind + 1
end
return {1, epoch}
