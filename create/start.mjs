// Runs one of the project's own programs: node create/start.mjs FILE.ts [ARG …]. It starts with any Node from 20.19 on,
// and without any package. It installs the npm packages if they are missing or not current, and then runs the program
// with the project's own Node, which runs TypeScript.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(
    `Node ${process.versions.node} is too old: 20.19 or newer is needed to run npm. The app itself contains its own Node.`,
  );
}
const installed = join(root, "node_modules/.package-lock.json");
const current =
  existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, "package-lock.json")).mtimeMs;
if (!current) {
  console.log("Installing npm packages …");
  const { status } = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0)
    stop("npm ci failed. Its message above says why. Nothing can be installed without a network.");
}
// node_modules/.bin/node is not used: two optional packages offer that name, one for each architecture, and then npm 9,
// which is the npm of Debian 13, links neither of them.
const bin = join(root, `node_modules/node-linux-${process.arch}/bin`);
if (!existsSync(join(bin, "node")))
  stop(
    `npm has installed no Node for ${process.platform} ${process.arch}. Only Linux on x64 and arm64 is supported.`,
  );
// For programs that this one starts, its own node and npm come first in PATH, as in an npm script.
const env = { ...process.env, PATH: `${bin}:${join(root, "node_modules/.bin")}:${process.env.PATH}` };
const { status, error } = spawnSync(join(bin, "node"), process.argv.slice(2), {
  cwd: root,
  stdio: "inherit",
  env,
});
if (error) stop(`The project's own Node could not be started: ${error.message}`);
process.exitCode = status ?? 1;

function stop(message) {
  console.error(message);
  process.exit(1);
}
