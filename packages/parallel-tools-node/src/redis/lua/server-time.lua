-- Microseconds since 1970, by the clock of Redis.
local function serverTime()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
