-- Queues and permits. A request takes all of its limits at once, or it waits in
-- the queue of the one limit that blocks it.
local function blockerOf(request, arrival)
  for _, limit in ipairs(request.limits) do
    local rule = rulesOf(limit)
    if rule.cap and capOf(limit.name).used >= rule.cap then
      return limit.name, rule.lapses
    end
    local at = earliestStart(limit, request.cost)
    if at > now then
      return limit.name, math.min(at, rule.lapses or at)
    end
    if isKept(limit, arrival) then return limit.name end
  end
end

-- A ticket holds a slot at all of its limits, or at none: a cap that others have
-- declared may be gone when it gives them back.
local function takeSlots(process, ticket, raw, request)
  for _, limit in ipairs(request.limits) do
    changeSlots(limit.name, process, 1)
    keepSlots(limit)
  end
  redis.call('HSET', base .. 'process:' .. process, ticket, 'H' .. raw)
end

local function hasCap(request)
  for _, limit in ipairs(request.limits) do
    if rulesOf(limit).cap then return true end
  end
  return false
end

local function grant(process, ticket, raw, request)
  for _, limit in ipairs(request.limits) do
    takeTokens(limit, request.cost, now)
  end
  local holds = hasCap(request)
  if holds then
    takeSlots(process, ticket, raw, request)
  else
    redis.call('HDEL', base .. 'process:' .. process, ticket)
  end
  sendEvent(process, 'granted', ticket, toText(now), holds and '1' or '0')
end

-- The start of a request that has one rate and no cap can be booked, unless others
-- declare something else, which may end before.
local function isBookable(request)
  if #request.limits > 1 then return false end
  local rule = rulesOf(request.limits[1])
  return not rule.cap and #rule.rates == 1 and not rule.other
end

local function book(process, ticket, request)
  local limit = request.limits[1]
  local at = earliestStart(limit, request.cost)
  takeTokens(limit, request.cost, at)
  declare(limit, at)
  redis.call('HDEL', base .. 'process:' .. process, ticket)
  sendEvent(process, 'booked', ticket, toText(at - now), toText(at))
end

local function enqueue(name, member, arrival)
  local queue = base .. 'queue:' .. name
  redis.call('ZADD', queue, arrival, member)
  keepFor(queue, 4 * update.lease + HOUR)
end

-- Lets in whoever the limit doesn't block any more, in order of arrival.
local function serveQueue(name)
  local queue = base .. 'queue:' .. name
  while true do
    local first = redis.call('ZRANGE', queue, 0, 0, 'WITHSCORES')
    if not first[1] then return end
    local process, ticket = string.match(first[1], '^([^/]+)/(.+)$')
    local raw = redis.call('ZSCORE', alive, process)
      and redis.call('HGET', base .. 'process:' .. process, ticket)
    if not raw or string.sub(raw, 1, 1) ~= 'Q' then
      redis.call('ZREM', queue, first[1])
    else
      raw = string.sub(raw, 2)
      local request = decode(raw)
      local arrival = tonumber(first[2])
      if isBookable(request) and not isKept(request.limits[1], arrival) then
        redis.call('ZREM', queue, first[1])
        book(process, ticket, request)
      else
        local blocker, at = blockerOf(request, arrival)
        if blocker == name then
          if at then sendLook(process, name, at) end
          return
        end
        redis.call('ZREM', queue, first[1])
        if blocker then
          noteMove(first[1], request, arrival)
          enqueue(blocker, first[1], first[2])
          serveQueue(blocker)
        else
          local wasDue = endWait(first[1], request)
          grant(process, ticket, raw, request)
          -- What was kept for it may be of use to others.
          for _, limit in ipairs(wasDue and request.limits or {}) do
            if limit.name ~= name then serveQueue(limit.name) end
          end
        end
      end
    end
  end
end

-- Limits that may have more room than before this update.
local freed = {}
local function dropTicket(process, ticket, stored)
  redis.call('HDEL', base .. 'process:' .. process, ticket)
  local request = decode(string.sub(stored, 2))
  endWait(process .. '/' .. ticket, request)
  for _, limit in ipairs(request.limits) do
    if string.sub(stored, 1, 1) == 'Q' then
      redis.call('ZREM', base .. 'queue:' .. limit.name,
        process .. '/' .. ticket)
    else
      changeSlots(limit.name, process, -1)
    end
    freed[#freed + 1] = limit.name
  end
end

local function dropTickets(process)
  local stored = redis.call('HGETALL', base .. 'process:' .. process)
  for i = 1, #stored, 2 do dropTicket(process, stored[i], stored[i + 1]) end
  redis.call('DEL', base .. 'process:' .. process)
end

-- Serves the queue. Somebody has to look at it again when the first lease of
-- those who hold slots ends, since a dead process gives nothing back.
local function lookAtQueue(name)
  serveQueue(name)
  if redis.call('EXISTS', base .. 'queue:' .. name) == 1 then
    keepFor(base .. 'queue:' .. name, 4 * update.lease + HOUR)
    local lease = capOf(name).lease
    if lease then sendLook(me, name, lease + 1000) end
  end
end
