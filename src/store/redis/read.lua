-- Everything behind a position, as of one moment.
-- KEYS: log, head, fold
-- ARGV: epoch, version
-- Returns nothing for an unknown log, one element if the position is not of the log's present life,
-- or else epoch, version, kind, folded version, the fold or nothing, and the stream's entries.
local head = redis.call('HMGET', KEYS[2], 'epoch', 'version', 'kind', 'folded', 'kept')
local epoch, version = head[1], head[2]
local at_start = ARGV[1] == '0' and ARGV[2] == '0'
if not version then
  return at_start and {} or {'rewound'}
end
if not at_start and (ARGV[1] ~= epoch or tonumber(ARGV[2]) > tonumber(version)) then
  return {'rewound'}
end
local from, fold = ARGV[2], false
-- Whoever knows nothing starts with the fold; others only if what they miss is not kept.
local kept = at_start and head[4] or head[5] or head[4]
if tonumber(kept) > tonumber(from) then
  from = head[4]
  fold = redis.call('GET', KEYS[3])
end
local entries = redis.call('XRANGE', KEYS[1], '(' .. from .. '-0', '+')
return {epoch, version, head[3], from, fold, entries}
