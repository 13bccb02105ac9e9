redis.call('ZADD', alive, text(now + say.lease), me)
local dead = redis.call(
  'ZRANGEBYSCORE', alive, '-inf', text(now), 'LIMIT', 0, 100)
-- All at once, so that no slot of one is counted while another is buried.
for _, process in ipairs(dead) do redis.call('ZREM', alive, process) end
for _, process in ipairs(dead) do bury(process) end

for _, pause in ipairs(say.pauses) do
  local key = base .. 'pause:' .. pause[1]
  local before = tonumber(redis.call('GET', key)) or 0
  if now + pause[2] > before then
    redis.call('SET', key, text(now + pause[2]))
    keep(key, pause[2])
  end
end

for _, booking in ipairs(say.unbooked) do
  local request = read(booking[1])
  for _, limit in ipairs(request.limits) do
    if limit.tokens then
      erase(limit, request.cost, booking[2])
      dirty[#dirty + 1] = limit.name
    end
  end
end

for _, ticket in ipairs(say.dropped) do
  local stored = redis.call('HGET', own, ticket)
  if stored then drop(me, ticket, stored) end
end

if say.known < 0 then
  local named = {}
  for _, held in ipairs(say.held) do named[held[1]] = 'H' end
  for _, asked in ipairs(say.asked) do named[asked[1]] = 'Q' end
  local kept = redis.call('HGETALL', own)
  for i = 1, #kept, 2 do
    local is = string.sub(kept[i + 1], 1, 1)
    local should = named[kept[i]]
    if not should or (should == 'H' and is == 'Q') then
      drop(me, kept[i], kept[i + 1])
    end
  end
  for _, held in ipairs(say.held) do
    local request = read(held[2])
    if redis.call('HEXISTS', own, held[1]) == 0 then
      hold(me, held[1], held[2], request)
    end
    for _, limit in ipairs(request.limits) do
      if limit.cap then stays(limit) end
    end
  end
end

for _, name in ipairs(dirty) do serve(name) end

-- Who asks may have booked starts before there was a pause.
local heard = {}
local function hear(name)
  if heard[name] then return end
  heard[name] = true
  local paused = redis.call('GET', base .. 'pause:' .. name)
  if paused and tonumber(paused) > now then tell(me, 'paused', name, paused) end
end

local looks = {}
for _, name in ipairs(say.looks) do looks[name] = true end
for _, asked in ipairs(say.asked) do
  local ticket, raw = asked[1], asked[2]
  local request = read(raw)
  local stored = redis.call('HGET', own, ticket)
  if stored and string.sub(stored, 1, 1) == 'H' then
    tell(me, 'granted', ticket, '')
  elseif stored then
    tell(me, 'queued', ticket, text(now))
    for _, limit in ipairs(request.limits) do looks[limit.name] = true end
  else
    local where
    for _, limit in ipairs(request.limits) do
      hear(limit.name)
      serve(limit.name)
      if redis.call('EXISTS', base .. 'queue:' .. limit.name) == 1 then
        where = where or limit.name
      end
    end
    if not where and fixed(request) then
      fix(me, ticket, request)
    else
      where = where or blocker(request)
      if where then
        local arrival = redis.call('HINCRBY', KEYS[1], 'arrivals', 1)
        push(where, me .. '/' .. ticket, arrival)
        redis.call('HSET', own, ticket, 'Q' .. raw)
        tell(me, 'queued', ticket, text(now))
        looks[where] = true
      else
        admit(me, ticket, raw, request)
      end
    end
  end
end
for name in pairs(looks) do look(name) end

if redis.call('EXISTS', own) == 1 then
  keep(own, 8 * say.lease + 2 * HOUR)
  keep(alive, 8 * say.lease + 2 * HOUR)
else
  redis.call('ZREM', alive, me)
end
-- Times mean nothing without the clock: it outlives them.
keep(KEYS[1], (longest + 60000) * 1000)
for process, events in pairs(others) do
  redis.call('PUBLISH', say.channel .. process, cjson.encode(events))
end
return mine
