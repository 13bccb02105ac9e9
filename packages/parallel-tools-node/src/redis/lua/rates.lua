-- Rate limits. A limit has one log of what starts have taken of it for each way of
-- counting (`calls` or the cost), in the order of time, whatever its rates are. An
-- entry is `time:tokens:before`, and its score is the total after it; `before` is
-- the total before it. The total is the sum of all tokens so far, so the score finds
-- the entry that must leave a window before there is room.
--
-- The level of a bucket is the theoretical arrival time of GCRA. It is kept as
-- `level/entry`, by the time between two tokens and the size. Another last entry than
-- this one means that starts were made while no process had such a bucket: then the
-- level is computed from the log.
local function logOf(name, calls)
  return base .. (calls and 'log-calls:' or 'log:') .. name
end

local function levelsOf(name, calls)
  return base .. (calls and 'levels-calls:' or 'levels:') .. name
end

local function tokensOf(rate, cost)
  return rate.calls and 1 or cost
end

local function timeOf(entry)
  return tonumber(string.match(entry, '^%d+'))
end

-- When the last start of the log counts from. 0: there is none.
local function lastTimeOf(name, calls)
  local last = redis.call('ZREVRANGE', logOf(name, calls), 0, 0)[1]
  return last and timeOf(last) or 0
end

-- At most so many entries are read at once, so that Redis is not held up.
local MOST_READ = 1000

-- The level of a bucket that all starts of the log have taken from. What came before
-- the entries is taken for as much as a bucket can give.
local function levelFrom(log, rate)
  local entries = redis.call('ZREVRANGE', log, 0, MOST_READ - 1)
  local level = 0
  for i = #entries, 1, -1 do
    local time, tokens, before = string.match(entries[i], '^(%d+):(%d+):(%d+)$')
    local empty = tonumber(time) + rate.slack + rate.jitter
    if i == #entries and before ~= '0' then level = empty end
    level = math.max(level, tonumber(time)) + tonumber(tokens) * rate.step
    level = math.min(level, empty)
  end
  return level
end

local function bucketOf(rate)
  return toText(rate.step) .. ':' .. toText(rate.slack + rate.jitter)
end

local function levelOf(name, rate, last)
  local stored = redis.call(
    'HGET', levelsOf(name, rate.calls), bucketOf(rate))
  if stored then
    local level, entry = string.match(stored, '^(%d+)/(.+)$')
    if entry == last then return tonumber(level) end
  end
  return levelFrom(logOf(name, rate.calls), rate)
end

-- The levels of all buckets among the rates, which are equal for equal buckets. To be
-- read before the log changes.
local function levelsBefore(name, rates, last)
  local levels = {}
  for _, rate in ipairs(rates) do
    if not rate.window and not levels[bucketOf(rate)] then
      levels[bucketOf(rate)] = {
        rate = rate, level = last and levelOf(name, rate, last) or 0}
    end
  end
  return levels
end

local function keepLevel(name, calls, bucket, level, last)
  redis.call('HSET', levelsOf(name, calls), bucket,
    toText(level) .. '/' .. last)
end

-- When the rate has so many tokens for a start that isn't before `at`.
local function readyAt(name, rate, tokens, at)
  local log = logOf(name, rate.calls)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  if not last[1] then return at end
  at = math.max(at, timeOf(last[1]))
  if not rate.window then
    return math.max(at,
      levelOf(name, rate, last[1]) + tokens * rate.step - rate.slack)
  end
  local excess = tonumber(last[2]) + tokens - rate.tokens
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
  for _, rate in ipairs(rulesOf(limit).rates) do
    at = readyAt(limit.name, rate, tokensOf(rate, cost), at)
  end
  return at
end

-- Calls `act` with the rates of the limit that count `calls`, if there are any, and
-- then with the others.
local function eachCount(limit, act)
  for _, calls in ipairs({true, false}) do
    local same = {}
    for _, rate in ipairs(rulesOf(limit).rates) do
      if (rate.calls or false) == calls then same[#same + 1] = rate end
    end
    if same[1] then act(same, calls) end
  end
end

local function takeFrom(name, rates, calls, tokens, at)
  local log = logOf(name, calls)
  local last = redis.call('ZREVRANGE', log, 0, 0, 'WITHSCORES')
  local before = tonumber(last[2]) or 0
  local entry = toText(at) .. ':' .. toText(tokens) .. ':' .. toText(before)
  local span = longestSpan(name)
  for bucket, one in pairs(levelsBefore(name, rates, last[1])) do
    local level = math.max(one.level, at) + tokens * one.rate.step
    keepLevel(name, calls, bucket, level, entry)
    keepFor(levelsOf(name, calls), at + span - now)
  end
  redis.call('ZADD', log, toText(before + tokens), entry)
  -- Up to two old entries go for each new one, so the log stays short.
  local old = redis.call('ZRANGE', log, 0, 2)
  for i = 1, #old - 1 do
    if timeOf(old[i]) + span <= now then redis.call('ZREM', log, old[i]) end
  end
  keepFor(log, at + span - now)
end

local function takeTokens(limit, cost, at)
  eachCount(limit, function(rates, calls)
    takeFrom(limit.name, rates, calls, tokensOf(rates[1], cost), at)
  end)
end

-- Only the last entry can be taken back: later ones build on its total.
local function giveBackTo(name, rates, calls, tokens, at)
  local log = logOf(name, calls)
  local last = redis.call('ZREVRANGE', log, 0, 1)
  local entry = at .. ':' .. toText(tokens) .. ':'
  if not last[1] or string.sub(last[1], 1, #entry) ~= entry then return end
  local levels = levelsBefore(name, rates, last[1])
  redis.call('ZREM', log, last[1])
  if not last[2] then return end
  for bucket, one in pairs(levels) do
    local level = math.max(0, one.level - tokens * one.rate.step)
    keepLevel(name, calls, bucket, level, last[2])
  end
end

-- All of them are written anew when one is corrected.
local MOST_REWRITTEN = 200

-- An entry of the log has taken less than was thought: so have the totals after it. One
-- that is too far back stays as it is. A bucket that has filled up doesn't overflow.
local function correctTo(name, rates, calls, tokens, used, at)
  local log = logOf(name, calls)
  local entries = redis.call('ZREVRANGE', log, 0, MOST_REWRITTEN - 1)
  local prefix = at .. ':' .. toText(tokens) .. ':'
  local found
  for i, entry in ipairs(entries) do
    if string.sub(entry, 1, #prefix) == prefix then found = i end
    if found or timeOf(entry) < tonumber(at) then break end
  end
  if not found then return end
  local levels = levelsBefore(name, rates, entries[1])
  local less = tokens - used
  local last
  for i = found, 1, -1 do
    local time, taken, before = string.match(entries[i], '^(%d+):(%d+):(%d+)$')
    local total = tonumber(before) + tonumber(taken) - less
    if i == found then
      taken = toText(used)
    else
      before = toText(tonumber(before) - less)
    end
    last = time .. ':' .. taken .. ':' .. before
    redis.call('ZREM', log, entries[i])
    redis.call('ZADD', log, toText(total), last)
  end
  for bucket, one in pairs(levels) do
    local level = math.max(
      math.min(one.level, now), one.level - less * one.rate.step)
    keepLevel(name, calls, bucket, level, last)
  end
end

local function correctTokens(limit, cost, used, at)
  eachCount(limit, function(rates, calls)
    if calls or used == cost then return end
    if used < cost then
      correctTo(limit.name, rates, calls, cost, used, at)
      return
    end
    local from = math.max(now, lastTimeOf(limit.name, calls))
    takeFrom(limit.name, rates, calls, used - cost, from)
  end)
end

local function giveBackTokens(limit, cost, at)
  local latest = 0
  eachCount(limit, function(rates, calls)
    giveBackTo(limit.name, rates, calls, tokensOf(rates[1], cost), at)
    latest = math.max(latest, lastTimeOf(limit.name, calls))
  end)
  declareUntil(limit, latest)
end
