// Installs the workspace when that is needed, and says nothing when it isn't.
// Needs nothing but Node and npm: pnpm is fetched at the pinned version.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = path.join(root, "node_modules", ".setup-stamp");
const minimumNode = 20;

if (Number.parseInt(process.versions.node, 10) < minimumNode) {
  fail(
    `Expected Node.js ${minimumNode} or newer, got ${process.versions.node}. ` +
      "Install a newer Node.js and run the command again.",
  );
}

const stamp = fingerprint();
if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== stamp) {
  install();
  mkdirSync(path.dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, stamp);
}

function install() {
  const { packageManager } = JSON.parse(read("package.json"));
  console.error(`Installing the workspace with ${packageManager} ...`);
  // Left by an `npx -p ... -c ...` that calls this; npx would take them for ours.
  const env = { ...process.env };
  delete env["npm_config_call"];
  delete env["npm_config_package"];
  const { status, error } = spawnSync(
    "npx",
    ["-y", packageManager, "install", "--frozen-lockfile"],
    {
      cwd: root,
      env,
      // Standard output belongs to the command that called for the setup.
      stdio: ["ignore", 2, 2],
      // Windows starts .cmd files through a shell only.
      shell: process.platform === "win32",
    },
  );
  if (error) fail(`Could not start npx: ${error.message}`);
  if (status !== 0) {
    fail(
      `${packageManager} install failed. If a package.json was changed, ` +
        `run \`npx -y ${packageManager} install\` to renew pnpm-lock.yaml.`,
    );
  }
}

/** Changes whenever the installed packages may no longer be the right ones. */
function fingerprint() {
  const hash = createHash("sha256");
  const manifests = readdirSync(path.join(root, "packages"))
    .sort()
    .map((name) => path.join("packages", name, "package.json"))
    .filter((file) => existsSync(path.join(root, file)));
  for (const file of [
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "package.json",
    ...manifests,
  ]) {
    hash.update(`${file}\0${read(file)}\0`);
  }
  hash.update(`${process.platform} ${process.arch}`);
  return hash.digest("hex");
}

function read(file) {
  return readFileSync(path.join(root, file), "utf8");
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
