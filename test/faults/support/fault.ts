/**
 * What goes wrong in a run:
 *
 * - `none`: nothing
 * - `kill`: its process is killed, and another goes on
 * - `abort`: the run is aborted, and the same process goes on
 * - `hang`: a tool never settles, the run is aborted after a limit, and the same
 *   process goes on with a tool that works
 */
export type Fault = "none" | "kill" | "abort" | "hang";
