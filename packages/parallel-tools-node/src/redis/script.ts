import { createHash } from "node:crypto";
import { CAPS } from "./lua/caps.js";
import { QUEUES } from "./lua/queues.js";
import { RATES } from "./lua/rates.js";

/** A Lua script and the name under which EVALSHA finds it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

const SERVER_TIME = `(function()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000000 + tonumber(time[2])
end)()`;

/**
 * The script that keeps the limits: one call says all that a process has to
 * say, and the answer all that it has to know at once. What others have to know
 * is published.
 *
 * Keys, all behind `{prefix}:` (N is a limit's name, P a process):
 *
 * - `clock` hash: `seen` the latest time, `behind` what is added to the
 *   server's, `arrivals` a counter
 * - `alive` sorted set: P by the time at which its lease ends
 * - `process:P` hash: what is kept of P, by ticket: `H` (it holds slots) or `Q`
 *   (it stands in a queue) and the request, as it came
 * - `slots:N` hash: how many slots of a cap each P holds
 * - `queue:N` sorted set: `P/ticket` by arrival: those whom N keeps waiting
 * - `window:N` sorted set: `time:cost:before` by the total of all costs
 * - `bucket:N` sorted set: the same by the theoretical arrival time of GCRA
 * - `pause:N`: the time until which nobody starts
 *
 * Rules that hold between two calls:
 *
 * - Whoever is first in `queue:N` is blocked by N. If by a rate, its process
 *   has been told when to look again; if by a cap, whoever gives a slot back
 *   lets it in, or, where a holder has died, whoever looks first.
 * - Only processes in `alive` count, so what the dead have left can't block.
 *
 * Times are microseconds. The server's clock may go back, after a failover for
 * one: `behind` makes up for it, so that time here goes on from where it was
 * and no wait grows. All numbers are integers below 2^53, and are written with
 * `%.0f`, since `tostring` and cjson keep 14 digits. Requests go in and out as
 * the strings that came.
 *
 * @param time a Lua expression: microseconds since 1970
 */
export function createScript(time = SERVER_TIME): Script {
  const source = `
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
local now = ${time} + behind
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
${RATES}
${CAPS}
${QUEUES}
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
`;
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
