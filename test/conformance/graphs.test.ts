import { compareHosts } from "./support/compare-hosts.js";

// 500 batches here and 500 in agents: apart, since test files run side by side.
compareHosts(["graph", "react v1", "react v2"]);
