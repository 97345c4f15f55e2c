// Runs one of the project's own programs: node create/start.mjs FILE.ts [ARG …]. It begins on whatever Node there is
// (20.19 or newer) and with no package installed, installs the npm packages if they are not there or not current, and
// goes on under the project's own Node, which runs TypeScript.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  stop(
    `Node ${process.versions.node} is too old; 20.19 or newer is needed, for npm alone: the app brings its own.`,
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
    stop("npm ci failed; its message above says why. Without a network nothing can be installed.");
}
// Not node_modules/.bin/node: two optional packages offer that name, one for each architecture, and npm 9, which Debian
// 13 has, then links neither.
const bin = join(root, `node_modules/node-linux-${process.arch}/bin`);
if (!existsSync(join(bin, "node")))
  stop(`npm brought no Node for ${process.platform} ${process.arch}: x64 and arm64 Linux are supported.`);
// Its npm and node come first for whatever that program starts, as in an npm script.
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
