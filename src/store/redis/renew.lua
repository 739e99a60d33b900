-- Begins a node's lease anew, by the server's clock, which is the same for all nodes.
-- KEYS: nodes
-- ARGV: node, milliseconds
-- Returns the nodes whose leases are in force.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]), ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
