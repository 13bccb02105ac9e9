export { openTelemetryTracer } from "./opentelemetry/open-telemetry-tracer.js";
export type { OpenTelemetryTracerOptions } from "./opentelemetry/tracer-options.js";
