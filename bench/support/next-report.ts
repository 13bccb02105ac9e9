import type { ChildProcess } from "node:child_process";

/** What a worker process says next, which has to be of this type. */
export function nextReport<Report extends { readonly type: string }>(
  child: ChildProcess,
  type: Report["type"],
): Promise<Report> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) =>
      reject(new Error(`A worker has exited with ${code}.`));
    child.once("exit", onExit);
    child.once("message", (report: Report) => {
      child.off("exit", onExit);
      if (report.type === type) resolve(report);
      else reject(new Error(`Expected \`${type}\`, got \`${report.type}\`.`));
    });
  });
}
