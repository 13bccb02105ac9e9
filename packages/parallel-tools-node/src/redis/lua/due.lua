-- Tickets that are due. One that needs several limits moves from queue to queue: at
-- each it has seen room that it could not take, since another limit had none. When
-- it has moved as often as it has limits, it has been overtaken for long enough, and
-- all of its limits keep room for it.
local function requestOf(member)
  local process, ticket = string.match(member, '^([^/]+)/(.+)$')
  local stored = redis.call('ZSCORE', alive, process)
    and redis.call('HGET', base .. 'process:' .. process, ticket)
  if not stored or string.sub(stored, 1, 1) ~= 'Q' then return end
  return decode(string.sub(stored, 2))
end

local function isPaused(request)
  for _, limit in ipairs(request.limits) do
    local paused = redis.call('GET', base .. 'pause:' .. limit.name)
    if paused and tonumber(paused) > now then return true end
  end
end

-- Whether the limit keeps its room for tickets that came before `arrival`.
local function isKept(limit, arrival)
  local due = base .. 'due:' .. limit.name
  local before = 0
  for _, member in ipairs(redis.call(
    'ZRANGEBYSCORE', due, '-inf', '(' .. toText(arrival))) do
    local request = requestOf(member)
    if not request then
      redis.call('ZREM', due, member)
    elseif not isPaused(request) then
      before = before + 1
    end
  end
  if before == 0 then return false end
  -- Room for all of them, and for one more.
  local rule = rulesOf(limit)
  return #rule.rates > 0 or not rule.cap
    or capOf(limit.name).used + before >= rule.cap
end

local function noteMove(member, request, arrival)
  local moves = base .. 'moves'
  local count = tonumber(redis.call('ZINCRBY', moves, 1, member))
  keepFor(moves, 4 * update.lease + HOUR)
  if count < #request.limits then return end
  for _, limit in ipairs(request.limits) do
    if not limit.held then
      local due = base .. 'due:' .. limit.name
      redis.call('ZADD', due, arrival, member)
      keepFor(due, 4 * update.lease + HOUR)
    end
  end
end

-- The ticket waits no longer. Gives whether it was due.
local function endWait(member, request)
  if #request.limits < 2 then return false end
  redis.call('ZREM', base .. 'moves', member)
  local wasDue = false
  for _, limit in ipairs(request.limits) do
    if redis.call('ZREM', base .. 'due:' .. limit.name, member) == 1 then
      wasDue = true
    end
  end
  return wasDue
end
