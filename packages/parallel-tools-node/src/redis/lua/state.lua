local base = string.sub(KEYS[1], 1, -6)
local say = cjson.decode(ARGV[1])
local me = say.process
local HOUR = 3600000000
local function text(number) return string.format('%.0f', number) end

local alive = base .. 'alive'
local own = base .. 'process:' .. me
if say.known >= 0 and redis.call('HLEN', own) ~= say.known then
  return {{'lost'}}
end

local longest = 0
local function keep(key, us)
  local ms = math.min(math.ceil(us / 1000) + 1000, 1000000000000)
  longest = math.max(longest, ms)
  if redis.call('PTTL', key) < ms then redis.call('PEXPIRE', key, text(ms)) end
end

local clock = redis.call('HMGET', KEYS[1], 'seen', 'behind')
local behind = tonumber(clock[2]) or 0
local now = serverTime() + behind
local seen = tonumber(clock[1]) or 0
if now < seen then
  behind = behind + seen - now
  now = seen
end
redis.call('HSET', KEYS[1], 'seen', text(now), 'behind', text(behind))

local decoded = {}
local function read(raw)
  local request = decoded[raw]
  if not request then
    request = cjson.decode(raw)
    decoded[raw] = request
  end
  return request
end

local mine, others = {}, {}
local function tell(process, ...)
  local events = mine
  if process ~= me then
    events = others[process] or {}
    others[process] = events
  end
  events[#events + 1] = {...}
end

local told = {}
local function lookAgain(process, name, at)
  if told[process .. '/' .. name] == at then return end
  told[process .. '/' .. name] = at
  tell(process, 'look', name, text(math.max(0, at - now)))
end
