-- What all other parts use: the update, keys, the time, events to send.
local HOUR = 3600000000
-- More than there are arrivals: by so much those come earlier who come first.
local FIRST = 1000000000000000
local base = string.sub(KEYS[1], 1, -6)
local update = cjson.decode(ARGV[1])
local me = update.process
local function toText(number) return string.format('%.0f', number) end

local alive = base .. 'alive'
local own = base .. 'process:' .. me
if update.known >= 0 and redis.call('HLEN', own) ~= update.known then
  return {{'lost'}}
end

-- Makes the key last for at least so many microseconds.
local longest = 0
local function keepFor(key, us)
  local ms = math.min(math.ceil(us / 1000) + 1000, 1000000000000)
  longest = math.max(longest, ms)
  if redis.call('PTTL', key) < ms then
    redis.call('PEXPIRE', key, toText(ms))
  end
end

-- The clock of Redis may have gone back. The time here never does.
local clock = redis.call('HMGET', KEYS[1], 'seen', 'behind')
local behind = tonumber(clock[2]) or 0
local now = serverTime() + behind
local seen = tonumber(clock[1]) or 0
if now < seen then
  behind = behind + seen - now
  now = seen
end
redis.call('HSET', KEYS[1], 'seen', toText(now), 'behind', toText(behind))

-- Many tickets have the same request: it is decoded once.
local decoded = {}
local function decode(raw)
  local request = decoded[raw]
  if not request then
    request = cjson.decode(raw)
    decoded[raw] = request
  end
  return request
end

-- Events for this process go into the answer, those for others into messages.
local answer, messages = {}, {}
local function sendEvent(process, ...)
  local events = answer
  if process ~= me then
    events = messages[process] or {}
    messages[process] = events
  end
  events[#events + 1] = {...}
end

local looks = {}
local function sendLook(process, name, at)
  if looks[process .. '/' .. name] == at then return end
  looks[process .. '/' .. name] = at
  sendEvent(process, 'look', name, toText(math.max(0, at - now)))
end
