import type { Access } from "../../policy/access.js";
import type { CallAccess } from "./access-book.js";

/** Why the later of two calls has to wait; `undefined`: it need not. */
export function findConflict(
  earlier: CallAccess,
  later: CallAccess,
): "unknown" | "writes" | { readonly key: string } | undefined {
  if (earlier === "unknown" || earlier === "writes") return earlier;
  if (later === "unknown" || later === "writes") return later;
  if (typeof earlier === "string" || typeof later === "string") {
    // A tool that is only known to read may read any key.
    return writesKey(earlier) ?? writesKey(later);
  }
  for (const one of earlier) {
    for (const other of later) {
      if (one.key !== other.key) continue;
      if (one.mode === "write" || other.mode === "write") return one;
    }
  }
  return undefined;
}

function writesKey(access: CallAccess): Access | undefined {
  if (typeof access === "string") return undefined;
  return access.find(({ mode }) => mode === "write");
}
