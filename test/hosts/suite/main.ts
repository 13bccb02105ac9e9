// Runs all checks on the packages of the folder in which it is started, one after
// the other, and prints a line of JSON for each. The first argument is the versions
// of the host as JSON. Exits with 0 also when checks have failed.
import type { HostPackages } from "../host-sets.js";
import { checks } from "./check.js";
import "./node.js";
import "./schemas.js";
import "./limits.js";
import "./order.js";
import "./questions.js";
import "./durable.js";
import "./middleware.js";
import "./return-direct.js";
import "./nested.js";
import "./reports.js";
import "./modules.js";
import { runCheck } from "./run-check.js";

const host = JSON.parse(String(process.argv[2])) as HostPackages;
for (const check of checks) {
  console.log(JSON.stringify(await runCheck(check, host)));
}
// What a failed check has left running must not keep the process.
process.stdout.write("", () => process.exit());
