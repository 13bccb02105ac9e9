import type { TracerProvider } from "@opentelemetry/api";
import { ConfigurationError } from "../errors/configuration-error.js";
import { readFields } from "../policy/read-fields.js";

/** Options of `openTelemetryTracer`. */
export interface OpenTelemetryTracerOptions {
  /**
   * The provider of the tracer that makes spans.
   *
   * @default the provider that is registered when a batch begins
   */
  tracerProvider?: TracerProvider;
  /**
   * Whether a call's span has the arguments that the tool got, as JSON
   * (`gen_ai.tool.call.arguments`).
   *
   * @default false
   */
  recordArguments?: boolean;
  /**
   * Whether a call's span has the answer of the tool, as JSON
   * (`gen_ai.tool.call.result`), and the message of an error. Such a message may
   * repeat arguments.
   *
   * @default false
   */
  recordResults?: boolean;
}

/** {@link OpenTelemetryTracerOptions} with the defaults filled in. */
export interface ResolvedTracerOptions {
  readonly tracerProvider: TracerProvider | undefined;
  readonly recordArguments: boolean;
  readonly recordResults: boolean;
}

/** @throws ConfigurationError */
export function readTracerOptions(value: unknown): ResolvedTracerOptions {
  const { tracerProvider, recordArguments, recordResults } = readFields(
    "options",
    value,
    ["tracerProvider", "recordArguments", "recordResults"],
  );
  const provider = tracerProvider as Partial<TracerProvider> | undefined;
  if (provider !== undefined && typeof provider?.getTracer !== "function") {
    const expected = "an object with `getTracer`";
    throw new ConfigurationError("tracerProvider", expected, tracerProvider);
  }
  return {
    tracerProvider: provider as TracerProvider | undefined,
    recordArguments: readBoolean("recordArguments", recordArguments),
    recordResults: readBoolean("recordResults", recordResults),
  };
}

function readBoolean(option: string, value: unknown): boolean {
  if (value === undefined || typeof value === "boolean") return value ?? false;
  throw new ConfigurationError(option, "a boolean", value);
}
