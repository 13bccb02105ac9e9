-- What processes declare of a limit: a cap, rates, or both. A request brings it as
-- `is`, which is JSON. It may differ between processes, for example while a new
-- version is rolled out. So each holds until a lease has passed since a process has
-- asked, or a booked call has started, with it: the least cap counts, and all rates
-- have to have room.
local declared = {}
local function declarationsOf(name)
  local found = declared[name]
  if found then return found end
  found = {}
  declared[name] = found
  local key = base .. 'declared:' .. name
  local stored = redis.call('HGETALL', key)
  for i = 1, #stored, 2 do
    local lapses = tonumber(stored[i + 1])
    if lapses > now then
      found[stored[i]] = lapses
    else
      redis.call('HDEL', key, stored[i])
    end
  end
  return found
end

-- For a lease from `at` on. All of an update are declared before any is used.
local function declare(limit, at)
  local key = base .. 'declared:' .. limit.name
  local lapses = at + update.lease
  local before = declarationsOf(limit.name)[limit.is]
  if before and before >= lapses then return end
  declared[limit.name][limit.is] = lapses
  redis.call('HSET', key, limit.is, toText(lapses))
  keepFor(key, lapses - now)
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
