import { openTelemetryTracer } from "parallel-tools-node/opentelemetry";
import { formatReport, reportToHtml } from "parallel-tools-node/report";
import { expect, it } from "vitest";
import { FakeClock } from "../support/fake-clock.js";
import { recordBatch } from "../support/record-batch.js";

const report = await recordBatch([{ name: "t", ms: 1 }], new FakeClock());

it.each([
  [
    { width: 39 },
    "Expected `width` to be an integer of at least 40, got `39` (number)",
  ],
  [
    { width: 80.5 },
    "Expected `width` to be an integer of at least 40, got `80.5` (number)",
  ],
  [
    { color: "always" },
    "Expected `color` to be a boolean, got `always` (string)",
  ],
  [
    { colour: true },
    "Expected `options` to be an object with no fields but `width`, `color`, got `colour` (string)",
  ],
  [null, "Expected `options` to be an object, got `null`"],
])("formatReport refuses the options %j", (options, message) => {
  expect(() => formatReport(report, options as never)).toThrow(message);
});

it.each([
  [{ title: 1 }, "Expected `title` to be a string, got `1` (number)"],
  [
    { titles: "one" },
    "Expected `titles` to be an array of strings, got `one` (string)",
  ],
  [
    { titles: [1] },
    "Expected `titles` to be an array of strings, got `[1]` (array)",
  ],
  [
    { dark: true },
    "Expected `options` to be an object with no fields but `title`, `titles`, got `dark` (string)",
  ],
])("reportToHtml refuses the options %j", (options, message) => {
  expect(() => reportToHtml(report, options as never)).toThrow(message);
});

it.each([
  [
    { tracerProvider: {} },
    "Expected `tracerProvider` to be an object with `getTracer`, got `{}` (object)",
  ],
  [
    { tracerProvider: null },
    "Expected `tracerProvider` to be an object with `getTracer`, got `null`",
  ],
  [
    { recordArguments: 1 },
    "Expected `recordArguments` to be a boolean, got `1` (number)",
  ],
  [
    { recordResults: "yes" },
    "Expected `recordResults` to be a boolean, got `yes` (string)",
  ],
  [
    { capture: true },
    "Expected `options` to be an object with no fields but `tracerProvider`, `recordArguments`, `recordResults`, got `capture` (string)",
  ],
])("openTelemetryTracer refuses the options %j", (options, message) => {
  expect(() => openTelemetryTracer(options as never)).toThrow(message);
});
