-- Queues and permits. A request takes all of its limits at once, or it waits in
-- the queue of the one limit that blocks it.
-- A call that goes on takes slots and nothing else, and nobody is before it. One that
-- uses a slot of a call around it (`held`) waits for no slot there, and so for nobody
-- who does. Gives the limit that blocks the request, if one does, and when it won't.
local function blockerOf(request, arrival)
  for _, limit in ipairs(request.limits) do
    local rule = rulesOf(limit)
    if rule.cap and not limit.held and capOf(limit.name).used >= rule.cap then
      return limit, rule.lapses
    end
    if not request.goesOn then
      local at = earliestStart(limit, request.cost)
      if at > now then return limit, math.min(at, rule.lapses or at) end
      if not limit.held and isKept(limit, arrival) then return limit end
    end
  end
end

-- A ticket holds a slot at all of its limits, or at none: a cap that others have
-- declared may be gone when it gives them back.
local function takeSlots(process, ticket, raw, request)
  for _, limit in ipairs(request.limits) do
    if not limit.held then
      changeSlots(limit.name, process, 1)
      keepSlots(limit)
    end
  end
  redis.call('HSET', base .. 'process:' .. process, ticket, 'H' .. raw)
end

local function hasCap(request)
  for _, limit in ipairs(request.limits) do
    if rulesOf(limit).cap and not limit.held then return true end
  end
  return false
end

local function grant(process, ticket, raw, request)
  for _, limit in ipairs(request.goesOn and {} or request.limits) do
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
-- declare something else, which may end before, or tokens of others like it may come
-- back before.
local function isBookable(request)
  if #request.limits > 1 or request.isEstimate then return false end
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

-- Calls that go on wait for slots alone, and have a queue of their own. So they don't
-- wait for a rate, and nobody who waits for a rate waits for them. In the other one,
-- those come first who need no slot.
local function queueOf(name, request)
  return base .. (request.goesOn and 'resume:' or 'queue:') .. name
end

local function scoreOf(limit, request, arrival)
  while arrival < 0 do arrival = arrival + FIRST end
  if request.goesOn then return arrival - 2 * FIRST end
  return limit.held and arrival - FIRST or arrival
end

local function enqueue(limit, member, request, arrival)
  local queue = queueOf(limit.name, request)
  redis.call('ZADD', queue, toText(scoreOf(limit, request, arrival)), member)
  keepFor(queue, 4 * update.lease + HOUR)
end

-- Whether some wait at the limit who come before a new request.
local function isBehind(limit, request)
  if request.goesOn then return false end
  local queue = queueOf(limit.name, request)
  if not limit.held then return redis.call('EXISTS', queue) == 1 end
  return redis.call('ZCOUNT', queue, '-inf', '(0') > 0
end

local serveQueue

-- Lets in whoever the limit doesn't block any more, in order of arrival.
local function serve(name, queue)
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
      if isBookable(request) and (request.limits[1].held
        or not isKept(request.limits[1], arrival)) then
        redis.call('ZREM', queue, first[1])
        book(process, ticket, request)
      else
        local blocker, at = blockerOf(request, arrival)
        if blocker and blocker.name == name then
          if at then sendLook(process, name, at) end
          return
        end
        redis.call('ZREM', queue, first[1])
        if blocker then
          noteMove(first[1], request, arrival)
          enqueue(blocker, first[1], request, arrival)
          serveQueue(blocker.name)
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

serveQueue = function(name)
  serve(name, base .. 'resume:' .. name)
  serve(name, base .. 'queue:' .. name)
end

-- Limits that may have more room than before this update.
local freed = {}
local function dropTicket(process, ticket, stored)
  redis.call('HDEL', base .. 'process:' .. process, ticket)
  local request = decode(string.sub(stored, 2))
  endWait(process .. '/' .. ticket, request)
  for _, limit in ipairs(request.limits) do
    if string.sub(stored, 1, 1) == 'Q' then
      redis.call('ZREM', queueOf(limit.name, request),
        process .. '/' .. ticket)
    elseif not limit.held then
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
  local isWaitedFor = false
  for _, kind in ipairs({'resume:', 'queue:'}) do
    if redis.call('EXISTS', base .. kind .. name) == 1 then
      keepFor(base .. kind .. name, 4 * update.lease + HOUR)
      isWaitedFor = true
    end
  end
  if isWaitedFor then
    local lease = capOf(name).lease
    if lease then sendLook(me, name, lease + 1000) end
  end
end
