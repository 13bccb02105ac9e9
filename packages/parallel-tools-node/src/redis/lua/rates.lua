-- Rate limits. Each has a log, in the order of time. An entry is
-- `time:cost:before`, and its score is the total after it; `before` is the total
-- before it. The total of a window is the sum of all costs so far, so the score
-- finds the entry that must leave the window before there is room. The total of
-- a bucket is the theoretical arrival time.
local function logOf(limit)
  return base .. (limit.window and 'window:' or 'bucket:') .. limit.name
end

local function timeOf(entry)
  return tonumber(string.match(entry, '^%d+'))
end

local function earliestStart(limit, cost)
  local paused = redis.call('GET', base .. 'pause:' .. limit.name)
  local at = math.max(now, tonumber(paused) or 0)
  if not limit.tokens then return at end
  local log = logOf(limit)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  if not last[1] then return at end
  at = math.max(at, timeOf(last[1]))
  local total = tonumber(last[2])
  if not limit.window then
    return math.max(at, total + cost * limit.step - limit.slack)
  end
  local excess = total + cost - limit.tokens
  if excess <= 0 then return at end
  -- There is room as soon as this entry has left the window.
  local leaves = redis.call(
    'ZRANGEBYSCORE', log, toText(excess), '+inf', 'LIMIT', 0, 1)
  return math.max(at, timeOf(leaves[1] or last[1]) + limit.window)
end

local function takeTokens(limit, cost, at)
  local log = logOf(limit)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  local before = tonumber(last[2]) or 0
  local after = before + cost
  if not limit.window then
    after = math.max(before, at) + cost * limit.step
  end
  redis.call('ZADD', log, toText(after),
    toText(at) .. ':' .. toText(cost) .. ':' .. toText(before))
  -- Up to two old entries go for each new one, so the log stays short. The last
  -- entry stays: it is the level of a bucket.
  local old = redis.call('ZRANGE', log, 0, 2)
  for i = 1, #old - 1 do
    if timeOf(old[i]) + (limit.window or 0) <= now then
      redis.call('ZREM', log, old[i])
    end
  end
  keepFor(log, limit.window and at + limit.window - now
    or math.max(at, after) + limit.jitter - now)
end

-- Only the last entry can be taken back: later ones build on its total.
local function giveBackTokens(limit, cost, at)
  local log = logOf(limit)
  local last = redis.call('ZREVRANGE', log, 0, 0)[1]
  local entry = at .. ':' .. toText(cost) .. ':'
  if not last or string.sub(last, 1, #entry) ~= entry then return end
  redis.call('ZREM', log, last)
  local before = string.sub(last, #entry + 1)
  -- An empty window is right. An empty bucket log has lost the level.
  if not limit.window and before ~= '0'
    and redis.call('EXISTS', log) == 0 then
    redis.call('ZADD', log, before, toText(now) .. ':0:0')
    keepFor(log, math.max(now, tonumber(before)) + limit.jitter - now)
  end
end
