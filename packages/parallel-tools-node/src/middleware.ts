export { ToolCallFailedError } from "./errors/tool-call-failed-error.js";
export type { ParallelToolsMiddlewareOptions } from "./middleware/middleware-options.js";
export { parallelToolsMiddleware } from "./middleware/parallel-tools-middleware.js";
