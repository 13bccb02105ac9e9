import { runOrThrow } from "./run-process.js";

const npm = process.platform === "win32" ? "npm.cmd" : "npm";
const options = [
  "--prefer-offline",
  "--no-audit",
  "--no-fund",
  "--ignore-scripts",
];

/**
 * Installs what a project declares, and these packages.
 *
 * @param project the folder of its package.json
 * @param more names with versions, paths of tarballs, options of npm
 */
export async function npmInstall(
  project: string,
  ...more: readonly string[]
): Promise<void> {
  await runOrThrow(npm, ["install", ...options, ...more], project);
}
