local function blocker(request)
  for _, limit in ipairs(request.limits) do
    if limit.cap and capOf(limit.name).used >= limit.cap then
      return limit.name
    end
    local at = earliest(limit, request.cost)
    if at > now then return limit.name, at end
  end
end

local function hold(process, ticket, raw, request)
  local key = base .. 'process:' .. process
  local holds = false
  for _, limit in ipairs(request.limits) do
    if limit.cap then
      holds = true
      change(limit.name, process, 1)
      stays(limit)
    end
  end
  if holds then
    redis.call('HSET', key, ticket, 'H' .. raw)
  else
    redis.call('HDEL', key, ticket)
  end
end

local function admit(process, ticket, raw, request)
  for _, limit in ipairs(request.limits) do
    if limit.tokens then enter(limit, request.cost, now) end
  end
  hold(process, ticket, raw, request)
  tell(process, 'granted', ticket, text(now))
end

-- One rate and nothing else: its time can be fixed ahead.
local function fixed(request)
  return #request.limits == 1 and request.limits[1].tokens
    and not request.limits[1].cap
end

local function fix(process, ticket, request)
  local limit = request.limits[1]
  local at = earliest(limit, request.cost)
  enter(limit, request.cost, at)
  redis.call('HDEL', base .. 'process:' .. process, ticket)
  tell(process, 'booked', ticket, text(at - now), text(at))
end

local function push(name, member, arrival)
  local queue = base .. 'queue:' .. name
  redis.call('ZADD', queue, arrival, member)
  keep(queue, 4 * say.lease + HOUR)
end

local function serve(name)
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
      local request = read(raw)
      if fixed(request) then
        redis.call('ZREM', queue, first[1])
        fix(process, ticket, request)
      else
        local where, at = blocker(request)
        if where == name then
          if at then lookAgain(process, name, at) end
          return
        end
        redis.call('ZREM', queue, first[1])
        if where then
          push(where, first[1], first[2])
          serve(where)
        else
          admit(process, ticket, raw, request)
        end
      end
    end
  end
end

local dirty = {}
local function drop(process, ticket, stored)
  redis.call('HDEL', base .. 'process:' .. process, ticket)
  local request = read(string.sub(stored, 2))
  for _, limit in ipairs(request.limits) do
    if string.sub(stored, 1, 1) == 'Q' then
      redis.call('ZREM', base .. 'queue:' .. limit.name,
        process .. '/' .. ticket)
    elseif limit.cap then
      change(limit.name, process, -1)
    end
    dirty[#dirty + 1] = limit.name
  end
end

local function bury(process)
  local kept = redis.call('HGETALL', base .. 'process:' .. process)
  for i = 1, #kept, 2 do drop(process, kept[i], kept[i + 1]) end
  redis.call('DEL', base .. 'process:' .. process)
end

local function look(name)
  serve(name)
  if redis.call('EXISTS', base .. 'queue:' .. name) == 1 then
    keep(base .. 'queue:' .. name, 4 * say.lease + HOUR)
    local lease = capOf(name).lease
    if lease then lookAgain(me, name, lease + 1000) end
  end
end
