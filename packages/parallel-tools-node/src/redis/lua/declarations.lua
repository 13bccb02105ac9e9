-- What processes declare of a limit: a cap, rates, or both. A request brings it as
-- `is`, which is JSON. It may differ between processes, for example while a new
-- version is rolled out. So each holds until a lease has passed since a process has
-- asked, or a booked call has started, with it: the least cap counts, and all rates
-- have to have room.
local function spanOf(declaration)
  local span = 0
  for _, rate in ipairs(declaration.rates) do
    span = math.max(span, rate.window or rate.span)
  end
  return span
end

-- One that has ended is kept for as long as what was taken under it counts: who
-- declares it again finds all of that in the log.
local declared, spans = {}, {}
local function declarationsOf(name)
  local found = declared[name]
  if found then return found end
  found = {}
  declared[name] = found
  spans[name] = 0
  local key = base .. 'declared:' .. name
  local stored = redis.call('HGETALL', key)
  for i = 1, #stored, 2 do
    local lapses = tonumber(stored[i + 1])
    local span = spanOf(decode(stored[i]))
    if lapses > now then found[stored[i]] = lapses end
    if lapses + span > now then
      spans[name] = math.max(spans[name], span)
    else
      redis.call('HDEL', key, stored[i])
    end
  end
  return found
end

-- For how long what is taken has to be known.
local function longestSpan(name)
  declarationsOf(name)
  return spans[name]
end

local function setDeclared(limit, lapses)
  local key = base .. 'declared:' .. limit.name
  local span = spanOf(decode(limit.is))
  declarationsOf(limit.name)[limit.is] = lapses
  spans[limit.name] = math.max(spans[limit.name], span)
  redis.call('HSET', key, limit.is, toText(lapses))
  keepFor(key, lapses + span - now)
end

-- For a lease from `at` on. All of an update are declared before any is used.
local function declare(limit, at)
  local before = declarationsOf(limit.name)[limit.is]
  if before and before >= at + update.lease then return end
  setDeclared(limit, at + update.lease)
end

-- No call that is booked starts after `at`: the declaration ends a lease later.
local function declareUntil(limit, at)
  local before = declarationsOf(limit.name)[limit.is]
  local lapses = math.max(now, at) + update.lease
  if before and before > lapses then setDeclared(limit, lapses) end
end

-- What a request has to keep to at the limit. `other` is a declaration that differs
-- from its own, and `lapses` is when the first of those that differ ends.
local rules = {}
local function rulesOf(limit)
  local id = limit.name .. '\n' .. limit.is
  local found = rules[id]
  if found then return found end
  local own = decode(limit.is)
  found = {cap = own.cap, rates = own.rates}
  rules[id] = found
  for text, lapses in pairs(declarationsOf(limit.name)) do
    if text ~= limit.is then
      local declaration = decode(text)
      if not found.other then
        found.rates = {unpack(own.rates)}
      end
      found.other = text
      found.lapses = math.min(found.lapses or lapses, lapses)
      found.cap = math.min(found.cap or math.huge, declaration.cap or math.huge)
      if found.cap == math.huge then found.cap = nil end
      for _, rate in ipairs(declaration.rates) do
        found.rates[#found.rates + 1] = rate
      end
    end
  end
  return found
end
