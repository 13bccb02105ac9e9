// oxlint-disable-next-line typescript/triple-slash-reference -- whoever imports this file needs it, and no module can declare a wildcard
/// <reference path="./lua/lua-text.d.ts" />
import { createHash } from "node:crypto";
import applyUpdate from "./lua/apply-update.lua";
import caps from "./lua/caps.lua";
import declarations from "./lua/declarations.lua";
import due from "./lua/due.lua";
import queues from "./lua/queues.lua";
import rates from "./lua/rates.lua";
import serverTime from "./lua/server-time.lua";
import state from "./lua/state.lua";

/** A Lua script and the name under which EVALSHA finds it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

/**
 * The script that keeps the limits. It applies the update of a process and
 * answers with the events for that process. Events for other processes are
 * published on their channels.
 *
 * Keys begin with `{prefix}:`. N is the name of a limit, P is the id of a
 * process:
 *
 * - `clock` hash: `seen` is the latest time, `behind` is added to the server's
 *   time, `arrivals` counts, `memory` is when the hash was made, `silent` is
 *   until when messages of some process may not go out
 * - `alive` sorted set: P by the end of its lease
 * - `process:P` hash: the tickets of P. The value is `H` (it holds slots) or
 *   `Q` (it waits in a queue), and then the request as it came
 * - `declared:N` hash: what processes declare of N, by when it ends
 * - `slots:N` hash: how many slots of N each P holds
 * - `queue:N` sorted set: `P/ticket` by arrival: the tickets that N blocks. First
 *   those that use a slot of a call around theirs, and wait for a rate alone
 * - `resume:N` sorted set: `P/ticket` by arrival: those of them that have given their
 *   slots back, and want to go on
 * - `moves` sorted set: how often each `P/ticket` has moved to another queue
 * - `due:N` sorted set: `P/ticket` by arrival: those for which N keeps room
 * - `log:N`, `log-calls:N` sorted sets: what starts have taken, see `rates.lua`
 * - `levels:N`, `levels-calls:N` hashes: how full token buckets (GCRA) are
 * - `pause:N`: the time until which nobody starts
 *
 * Two rules hold between updates:
 *
 * - N blocks the first ticket in `queue:N` and in `resume:N`. If a rate limit blocks it, its
 *   process has been told when to look again. If a cap does, the next slot that
 *   is given back lets it in; if a process has died that held slots, the next
 *   look does.
 * - Only processes in `alive` count, so nothing that a dead process has left
 *   can block others.
 *
 * Times are microseconds. The clock of the server may go back, for example after
 * a failover. `behind` makes up for that: the time of the script never goes
 * back, and no wait gets longer. All numbers are integers below 2^53. They are
 * written with `%.0f`, since `tostring` and cjson keep only 14 digits. A request
 * is kept and passed on as the string that came.
 *
 * @param time Lua that defines `serverTime()`: microseconds since 1970
 */
export function createScript(time = serverTime): Script {
  // One script, in which each part uses the local names of those before it.
  const parts = [time, state, declarations, rates, caps, due, queues];
  const source = [...parts, applyUpdate].join("\n");
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
