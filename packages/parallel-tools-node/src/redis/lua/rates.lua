-- Rate limits. Each has a log, in the order of time. An entry is
-- `time:cost:before`, and its score is the total after it; `before` is the total
-- before it. The total of a window is the sum of all costs so far, so the score
-- finds the entry that must leave the window before there is room. The total of
-- a bucket is the theoretical arrival time.
local function logOf(name, rate)
  return base .. (rate.window and 'window' or 'bucket')
    .. (rate.log or '') .. ':' .. name
end

-- The rates of a limit: what it has itself, and `more`.
local function ratesOf(limit)
  if not limit.rates then
    limit.rates = {limit.tokens and limit}
    for _, rate in ipairs(limit.more or {}) do
      limit.rates[#limit.rates + 1] = rate
    end
  end
  return limit.rates
end

local function tokensOf(rate, cost)
  return rate.calls and 1 or cost
end

local function timeOf(entry)
  return tonumber(string.match(entry, '^%d+'))
end

-- When the log has so many tokens for a start that isn't before `at`.
local function readyAt(log, rate, tokens, at)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  if not last[1] then return at end
  at = math.max(at, timeOf(last[1]))
  local total = tonumber(last[2])
  if not rate.window then
    return math.max(at, total + tokens * rate.step - rate.slack)
  end
  local excess = total + tokens - rate.tokens
  if excess <= 0 then return at end
  -- There is room as soon as this entry has left the window, or now if those that
  -- have left it, and the log, are enough.
  local leaves = redis.call(
    'ZRANGEBYSCORE', log, toText(excess), '+inf', 'LIMIT', 0, 1)[1] or last[1]
  if tonumber(string.match(leaves, '%d+$')) >= excess then return at end
  return math.max(at, timeOf(leaves) + rate.window)
end

local function earliestStart(limit, cost)
  local paused = redis.call('GET', base .. 'pause:' .. limit.name)
  local at = math.max(now, tonumber(paused) or 0)
  for _, rate in ipairs(ratesOf(limit)) do
    at = readyAt(logOf(limit.name, rate), rate, tokensOf(rate, cost), at)
  end
  return at
end

local function takeFrom(log, rate, tokens, at)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  local before = tonumber(last[2]) or 0
  local after = before + tokens
  if not rate.window then
    after = math.max(before, at) + tokens * rate.step
  end
  redis.call('ZADD', log, toText(after),
    toText(at) .. ':' .. toText(tokens) .. ':' .. toText(before))
  -- Up to two old entries go for each new one, so the log stays short. The last
  -- entry stays: it is the level of a bucket.
  local old = redis.call('ZRANGE', log, 0, 2)
  for i = 1, #old - 1 do
    if timeOf(old[i]) + (rate.window or 0) <= now then
      redis.call('ZREM', log, old[i])
    end
  end
  keepFor(log, rate.window and at + rate.window - now
    or math.max(at, after) + rate.jitter - now)
end

local function takeTokens(limit, cost, at)
  for _, rate in ipairs(ratesOf(limit)) do
    takeFrom(logOf(limit.name, rate), rate, tokensOf(rate, cost), at)
  end
end

-- Only the last entry can be taken back: later ones build on its total.
local function giveBackTo(log, rate, tokens, at)
  local last = redis.call('ZREVRANGE', log, 0, 0)[1]
  local entry = at .. ':' .. toText(tokens) .. ':'
  if not last or string.sub(last, 1, #entry) ~= entry then return end
  redis.call('ZREM', log, last)
  local before = string.sub(last, #entry + 1)
  -- An empty window is right. An empty bucket log has lost the level.
  if not rate.window and before ~= '0'
    and redis.call('EXISTS', log) == 0 then
    redis.call('ZADD', log, before, toText(now) .. ':0:0')
    keepFor(log, math.max(now, tonumber(before)) + rate.jitter - now)
  end
end

local function giveBackTokens(limit, cost, at)
  for _, rate in ipairs(ratesOf(limit)) do
    giveBackTo(logOf(limit.name, rate), rate, tokensOf(rate, cost), at)
  end
end
