-- The time by the clock of Redis, in microseconds since 1970.
local function serverTime()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end
