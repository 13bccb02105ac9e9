local function bookOf(limit)
  return base .. (limit.window and 'window:' or 'bucket:') .. limit.name
end

local function timeOf(entry)
  return tonumber(string.match(entry, '^%d+'))
end

local function earliest(limit, cost)
  local paused = redis.call('GET', base .. 'pause:' .. limit.name)
  local at = math.max(now, tonumber(paused) or 0)
  if not limit.tokens then return at end
  local book = bookOf(limit)
  local last = redis.call('ZREVRANGE', book, 0, 0, 'WITHSCORES')
  if not last[1] then return at end
  at = math.max(at, timeOf(last[1]))
  local total = tonumber(last[2])
  if not limit.window then
    return math.max(at, total + cost * limit.step - limit.slack)
  end
  local excess = total + cost - limit.tokens
  if excess <= 0 then return at end
  -- When this one has left the window, cost fits in.
  local leaves = redis.call(
    'ZRANGEBYSCORE', book, text(excess), '+inf', 'LIMIT', 0, 1)
  return math.max(at, timeOf(leaves[1] or last[1]) + limit.window)
end

local function enter(limit, cost, at)
  local book = bookOf(limit)
  local last = redis.call('ZREVRANGE', book, 0, 0, 'WITHSCORES')
  local before = tonumber(last[2]) or 0
  local after = before + cost
  if not limit.window then
    after = math.max(before, at) + cost * limit.step
  end
  redis.call('ZADD', book, text(after),
    text(at) .. ':' .. text(cost) .. ':' .. text(before))
  -- Two can go for each that comes in, so the log stays as short as it can be.
  -- The last one stays: it is the level of a bucket.
  local old = redis.call('ZRANGE', book, 0, 2)
  for i = 1, #old - 1 do
    if timeOf(old[i]) + (limit.window or 0) <= now then
      redis.call('ZREM', book, old[i])
    end
  end
  keep(book, limit.window and at + limit.window - now
    or math.max(at, after) + limit.jitter - now)
end

local function erase(limit, cost, at)
  local book = bookOf(limit)
  local last = redis.call('ZREVRANGE', book, 0, 0)[1]
  local entry = at .. ':' .. text(cost) .. ':'
  if not last or string.sub(last, 1, #entry) ~= entry then return end
  redis.call('ZREM', book, last)
  local before = string.sub(last, #entry + 1)
  -- Of a window, nothing that is gone matters. Of a bucket, its level does.
  if not limit.window and before ~= '0'
    and redis.call('EXISTS', book) == 0 then
    redis.call('ZADD', book, before, text(now) .. ':0:0')
    keep(book, math.max(now, tonumber(before)) + limit.jitter - now)
  end
end
