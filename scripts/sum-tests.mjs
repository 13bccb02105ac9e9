// Sums up vitest's JSON reports: names each test that failed, with the first line
// of why, and then prints one line, `N passed, N failed, N skipped`.
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";

let passed = 0;
let skipped = 0;
const failures = [];

for (const file of process.argv.slice(2)) {
  if (!existsSync(file)) continue;
  const report = JSON.parse(readFileSync(file, "utf8"));
  passed += report.numPassedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  for (const {
    name,
    status,
    message,
    assertionResults,
  } of report.testResults) {
    const failed = assertionResults.filter((test) => test.status === "failed");
    for (const { fullName, failureMessages } of failed) {
      failures.push([`${name}: ${fullName}`, failureMessages[0]]);
    }
    // A file that could not be loaded has no tests to count: it is one failure.
    if (status === "failed" && failed.length === 0) {
      failures.push([name, message]);
    }
  }
}

for (const [name, why] of failures) {
  const [first = ""] = String(why ?? "").split("\n");
  console.log(`FAILED ${name}\n  ${first}`);
}
console.log(`${passed} passed, ${failures.length} failed, ${skipped} skipped`);
