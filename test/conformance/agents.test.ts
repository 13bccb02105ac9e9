import { compareHosts } from "./support/compare-hosts.js";

compareHosts(["agent v1", "agent v2"]);
