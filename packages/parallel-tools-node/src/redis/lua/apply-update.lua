-- Applies the update and gives the answer. First what is given back or paused,
-- then what is asked for.
local known = redis.call('HMGET', KEYS[1], 'memory', 'silent')
local memory = known[1]
if not memory then
  memory = toText(now)
  redis.call('HSET', KEYS[1], 'memory', memory)
end
if update.memory == '' then
  sendEvent(me, 'memory', memory)
elseif update.memory ~= memory then
  keepFor(KEYS[1], 60000000)
  return {{'lost', memory}}
end

local isNew = redis.call('ZADD', alive, toText(now + update.lease), me) == 1
local dead = redis.call(
  'ZRANGEBYSCORE', alive, '-inf', toText(now), 'LIMIT', 0, 100)
-- All leave `alive` first: the slots of one that is still in it would count.
for _, process in ipairs(dead) do redis.call('ZREM', alive, process) end
for _, process in ipairs(dead) do dropTickets(process) end

for _, pause in ipairs(update.pauses) do
  local key = base .. 'pause:' .. pause[1]
  local before = tonumber(redis.call('GET', key)) or 0
  if now + pause[2] > before then
    redis.call('SET', key, toText(now + pause[2]))
    keepFor(key, pause[2])
  end
end

for _, tickets in ipairs({update.held, update.asked}) do
  for _, ticket in ipairs(tickets) do
    for _, limit in ipairs(decode(ticket[2]).limits) do declare(limit, now) end
  end
end
for _, started in ipairs(update.started) do
  declare(decode(started[1]), now)
end

for _, booking in ipairs(update.unbooked) do
  local request = decode(booking[1])
  for _, limit in ipairs(request.limits) do
    giveBackTokens(limit, request.cost, booking[2])
    freed[#freed + 1] = limit.name
  end
end

for _, corrected in ipairs(update.corrected) do
  local request = decode(corrected[1])
  for _, limit in ipairs(request.limits) do
    correctTokens(limit, request.cost, corrected[3], corrected[2])
    freed[#freed + 1] = limit.name
  end
end

-- A log is in the order of time, so they count from its last entry on.
for _, started in ipairs(update.started) do
  local limit = decode(started[1])
  local calls = limit.calls or false
  local at = math.max(now - started[3], lastTimeOf(limit.name, calls))
  eachCount(limit, function(rates, counts)
    if counts == calls then
      takeFrom(limit.name, rates, calls, started[2], at)
    end
  end)
end

for _, ticket in ipairs(update.dropped) do
  local stored = redis.call('HGET', own, ticket)
  if stored then dropTicket(me, ticket, stored) end
end

-- A full update: what it doesn't name is dropped, and what Redis has lost of
-- the held slots is taken again.
if update.known < 0 then
  local named = {}
  for _, held in ipairs(update.held) do named[held[1]] = 'H' end
  for _, asked in ipairs(update.asked) do named[asked[1]] = 'Q' end
  local stored = redis.call('HGETALL', own)
  for i = 1, #stored, 2 do
    local is = string.sub(stored[i + 1], 1, 1)
    local should = named[stored[i]]
    if not should or (should == 'H' and is == 'Q') then
      dropTicket(me, stored[i], stored[i + 1])
    end
  end
  for _, held in ipairs(update.held) do
    local request = decode(held[2])
    if redis.call('HEXISTS', own, held[1]) == 0 then
      takeSlots(me, held[1], held[2], request)
    end
    for _, limit in ipairs(request.limits) do
      if not limit.held then keepSlots(limit) end
    end
  end
end

for _, name in ipairs(freed) do serveQueue(name) end

-- Whoever asks may have bookings from before a pause began.
local reported = {}
local function reportPause(name)
  if reported[name] then return end
  reported[name] = true
  local paused = redis.call('GET', base .. 'pause:' .. name)
  if paused and tonumber(paused) > now then
    sendEvent(me, 'paused', name, paused)
  end
end

-- Whoever asks is told that others declare something else of the limit.
local differs = {}
local function reportOther(limit)
  local other = rulesOf(limit).other
  if not other or differs[limit.name] then return end
  differs[limit.name] = true
  sendEvent(me, 'differs', limit.name, other)
end

local toLookAt = {}
for _, name in ipairs(update.looks) do toLookAt[name] = true end
for _, asked in ipairs(update.asked) do
  local ticket, raw = asked[1], asked[2]
  local request = decode(raw)
  for _, limit in ipairs(request.limits) do reportOther(limit) end
  local stored = redis.call('HGET', own, ticket)
  if stored and string.sub(stored, 1, 1) == 'H' then
    sendEvent(me, 'granted', ticket, '', '1')
  elseif stored then
    sendEvent(me, 'queued', ticket, toText(now))
    for _, limit in ipairs(request.limits) do toLookAt[limit.name] = true end
  else
    -- Nobody overtakes those who wait already.
    local blocker
    for _, limit in ipairs(request.limits) do
      reportPause(limit.name)
      serveQueue(limit.name)
      local passes = limit.held or request.goesOn
      if isBehind(limit, request)
        or (not passes and isKept(limit, math.huge)) then
        blocker = blocker or limit
      end
    end
    if not blocker and isBookable(request) then
      book(me, ticket, request)
    else
      blocker = blocker or blockerOf(request, math.huge)
      if blocker then
        local arrival = redis.call('HINCRBY', KEYS[1], 'arrivals', 1)
        enqueue(blocker, me .. '/' .. ticket, request, arrival)
        redis.call('HSET', own, ticket, 'Q' .. raw)
        sendEvent(me, 'queued', ticket, toText(now))
        toLookAt[blocker.name] = true
      else
        grant(me, ticket, raw, request)
      end
    end
  end
end
for name in pairs(toLookAt) do lookAtQueue(name) end

-- A message may be refused, and all else has been written: the others are told
-- that they have to ask. One that says nothing shows it before it matters.
local problem
local function publish(process, text)
  local receivers = redis.pcall('PUBLISH', update.channel .. process, text)
  if type(receivers) == 'table' then problem = receivers.err end
end

if redis.call('EXISTS', own) == 1 then
  if isNew or update.known < 0 then publish(me, '[]') end
  keepFor(own, 8 * update.lease + 2 * HOUR)
  keepFor(alive, 8 * update.lease + 2 * HOUR)
else
  redis.call('ZREM', alive, me)
end
-- Times mean nothing without the clock, so it outlives them.
keepFor(KEYS[1], (longest + 60000) * 1000)
local lost = '0'
for process, events in pairs(messages) do
  publish(process, cjson.encode(events))
  if problem then lost = '1' end
end
local silent = tonumber(known[2]) or 0
if problem then
  silent = math.max(silent, now + update.lease)
  redis.call('HSET', KEYS[1], 'silent', toText(silent))
end
if silent > now then
  sendEvent(me, 'silent', problem or '', toText(silent - now), lost)
end
return answer
