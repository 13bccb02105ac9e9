import type { BatchHost } from "./batch-host.js";

const hosts = new WeakMap<object, BatchHost>();

/** `owner` is a node or a middleware, whose limits others may share. */
export function registerHost(owner: object, host: BatchHost): void {
  hosts.set(owner, host);
}

/** `undefined`: it is neither a node nor a middleware of this package. */
export function hostOf(owner: object): BatchHost | undefined {
  return hosts.get(owner);
}
