-- Concurrency caps. `used` is how many slots the processes in `alive` hold, and
-- `lease` is when the first lease of another process among them ends. Both are
-- read once per update.
local caps = {}
local function capOf(name)
  local cap = caps[name]
  if cap then return cap end
  cap = {used = 0}
  local slots = redis.call('HGETALL', base .. 'slots:' .. name)
  for i = 1, #slots, 2 do
    local lease = tonumber(redis.call('ZSCORE', alive, slots[i]))
    if not lease then
      redis.call('HDEL', base .. 'slots:' .. name, slots[i])
    else
      cap.used = cap.used + tonumber(slots[i + 1])
      if slots[i] ~= me then
        cap.lease = math.min(cap.lease or lease, lease)
      end
    end
  end
  caps[name] = cap
  return cap
end

local function changeSlots(name, process, by)
  local cap = capOf(name)
  local slots = base .. 'slots:' .. name
  local left = redis.call('HINCRBY', slots, process, by)
  if left < 1 then redis.call('HDEL', slots, process) end
  -- Below 0: Redis has lost the slots of the process, so they weren't counted.
  cap.used = cap.used + by - math.min(left, 0)
end

local function keepSlots(limit)
  keepFor(base .. 'slots:' .. limit.name, 4 * update.lease + HOUR)
end
