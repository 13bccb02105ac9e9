import assert from "node:assert/strict";
import {
  type BatchReport,
  isProgressEvent,
  type ProgressEvent,
} from "parallel-tools-node";
import {
  formatReport,
  reportToHtml,
  reportToTrace,
} from "parallel-tools-node/report";
import { Notes } from "../../middleware/support/notes.js";
import { AGENT_HOSTS, GO, hostAgent } from "../../support/agent-hosts.js";
import { LoggedModel } from "../../support/logged-model.js";
import { callOf } from "../../support/messages.js";
import { check } from "./check.js";

const CALLS = [callOf("1", "a"), callOf("2", "broken"), callOf("3", "b")];

for (const host of AGENT_HOSTS) {
  check(`${host}: one report and one stream tell of a batch`, async () => {
    const reports: BatchReport[] = [];
    const notes = new Notes();
    const agent = hostAgent(
      host,
      new LoggedModel("the", [CALLS], []),
      [...notes.tools("a", "b"), notes.failing("broken")],
      {
        policies: { b: { after: ["broken"] } },
        streamProgress: true,
        onReport: (report) => reports.push(report),
      },
    );
    const events: ProgressEvent[] = [];
    const stream = await agent.stream(GO, { streamMode: "custom" });
    for await (const chunk of stream) {
      if (isProgressEvent(chunk)) events.push(chunk);
    }
    assert.equal(reports.length, 1);
    const [report] = reports as [BatchReport];
    assert.deepEqual(
      report.calls.map(({ id, outcome }) => `${id} ${outcome}`),
      ["1 ok", "2 error", "3 skipped"],
    );
    const finished = events.flatMap((one) =>
      one.event === "call_finished" ? `${one.id} ${one.outcome}` : [],
    );
    assert.deepEqual(finished.toSorted(), ["1 ok", "2 error", "3 skipped"]);
    assert.equal(events.at(-1)?.event, "batch_finished");
    assert.match(formatReport(report), /3 calls/);
    assert.match(reportToHtml([report]), /^<!doctype html>/);
    assert.equal(reportToTrace([report]).traceEvents.length > 0, true);
  });
}
