import { execFile } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasRedis, openRedis } from "../support/redis-server.js";

const root = path.resolve(import.meta.dirname, "../..");

const QUEUES = "redis/queues.services.test.ts";
const OUTAGES = "redis/outages.services.test.ts";

/** Runs test files where no `redis-server` is in the PATH. */
function runTests(files: string[], env: Record<string, string>) {
  const vitest = path.join(root, "node_modules/vitest/vitest.mjs");
  const projects = ["library-pure", "services"].flatMap((name) => [
    "--project",
    name,
  ]);
  const flags = [...projects, "--typecheck.enabled=false"];
  const args = [vitest, "run", ...flags, ...files.map((f) => `test/${f}`)];
  return new Promise<{ code: number; output: string }>((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: root, env: { PATH: "", NO_COLOR: "1", ...env } },
      (error, stdout, stderr) => {
        resolve({ code: Number(error?.code ?? 0), output: stdout + stderr });
      },
    );
  });
}

const times = (text: string, part: string) => text.split(part).length - 1;

describe("without a redis-server, the tests of limits in Redis", () => {
  test("are skipped, and one line says so", async () => {
    const files = [QUEUES, OUTAGES];
    const { code, output } = await runTests(files, {});
    expect(code, output).toBe(0);
    const line =
      "Tests with Redis need a redis-server (5 or later) in the PATH: skipped.";
    expect(times(output, line), output).toBe(1);
    expect(output).toMatch(/Test Files +2 skipped/);
    expect(output).not.toMatch(/Tests .*passed/);
  });

  test("fail where they are required", async () => {
    const { code, output } = await runTests(
      [QUEUES, "policy/find-after-cycle.test.ts"],
      { REQUIRE_REDIS: "1" },
    );
    expect(code).not.toBe(0);
    expect(output).toContain("Tests with Redis need a redis-server");
    // And only they.
    expect(output).toMatch(/Test Files +1 failed \| 1 passed/);
  });

  describe.runIf(hasRedis)("but with REDIS_URL", () => {
    let redis: Awaited<ReturnType<typeof openRedis>>;
    beforeAll(async () => {
      redis = await openRedis();
    });
    afterAll(() => redis.close());

    test("run on that server, but for those that stop and start one", async () => {
      const files = [QUEUES, OUTAGES];
      const { code, output } = await runTests(files, { REDIS_URL: redis.url });
      expect(code, output).toBe(0);
      const line =
        "Tests that stop and start a server need a redis-server (5 or later) in the PATH: skipped.";
      expect(times(output, line), output).toBe(1);
      expect(output).toMatch(/Test Files +1 passed \| 1 skipped/);
    });
  });
});
