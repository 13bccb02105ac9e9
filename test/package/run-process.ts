import { execFile } from "node:child_process";

export interface ProcessResult {
  code: number;
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end and returns what it printed, also when it failed.
 * What `npm run` put into the environment is taken out: it would make an npm
 * in another folder work on this workspace.
 */
export function runProcess(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<ProcessResult> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^(?:npm_(?:package|lifecycle|config_local_prefix|command|execpath)|INIT_CWD|VITEST|NODE_ENV$|NODE_OPTIONS$)/i.test(
          name,
        ),
    ),
  );
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { cwd, env, encoding: "utf8", maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        resolve({
          code: typeof code === "number" ? code : 1,
          stdout,
          stderr: error === null ? stderr : stderr || error.message,
        });
      },
    );
  });
}

/** Like `runProcess`, but throws with the whole output when it failed. */
export async function runOrThrow(
  file: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { code, stdout, stderr } = await runProcess(file, args, cwd);
  if (code !== 0) {
    throw new Error(
      `Expected \`${file} ${args.join(" ")}\` to exit with 0, got ${code}\n${stdout}\n${stderr}`,
    );
  }
  return stdout;
}
