// oxlint-disable-next-line typescript/triple-slash-reference -- whoever imports this file needs it, and no module can declare a wildcard
/// <reference path="./lua/lua-text.d.ts" />
import { createHash } from "node:crypto";
import caps from "./lua/caps.lua";
import queues from "./lua/queues.lua";
import rates from "./lua/rates.lua";
import serverTime from "./lua/server-time.lua";
import state from "./lua/state.lua";
import update from "./lua/update.lua";

/** A Lua script and the name under which EVALSHA finds it. */
export interface Script {
  readonly source: string;
  readonly sha: string;
}

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
 * @param time Lua that defines `serverTime()`: microseconds since 1970
 */
export function createScript(time = serverTime): Script {
  // Each part uses the local names of those before it.
  const source = [time, state, rates, caps, queues, update].join("\n");
  return { source, sha: createHash("sha1").update(source).digest("hex") };
}
