import { execFile, execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

/** An npm registry on loopback. It keeps our two packages, and passes requests for other packages on. */
export interface Registry {
  readonly url: string;
  /** An .npmrc with which anybody may install from it and publish to it. */
  readonly npmrc: string;
  readonly stop: () => Promise<void>;
}

/** Starts verdaccio with its files in `dir`. */
export async function startRegistry(dir: string): Promise<Registry> {
  const program = join(await verdaccio(), "node_modules/verdaccio/bin/verdaccio");
  const port = await freePort();
  const upstream = execFileSync("npm", ["config", "get", "registry"], { encoding: "utf8" }).trim();
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "config.yaml"), config(upstream));
  const args = [program, "--config", join(dir, "config.yaml"), "--listen", `127.0.0.1:${port}`];
  const child = spawn("setpriv", ["--pdeathsig", "KILL", process.execPath, ...args], {
    cwd: dir,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const stop = async () => {
    child.kill();
    await ended;
  };
  const url = `http://127.0.0.1:${port}/`;
  if (!(await answers(`${url}-/ping`))) {
    await stop();
    throw new Error(`verdaccio did not come up at ${url}:\n${output.slice(-4000)}`);
  }
  // npm wants a token to publish; this registry asks nobody who he is.
  return { url, npmrc: `registry=${url}\n//127.0.0.1:${port}/:_authToken=nobody\n`, stop };
}

/** Our packages come from here alone, whether or not somebody has published a package of the same name. */
function config(upstream: string): string {
  return `storage: ./storage
uplinks:
  upstream:
    url: ${upstream}
    timeout: 60s
    max_fails: 10
packages:
  "{create-bpf-app,bpf-app}":
    access: $all
    publish: $all
  "**":
    access: $all
    proxy: upstream
max_body_size: 100mb
log: { type: stdout, format: pretty, level: warn }
`;
}

/**
 * The folder with verdaccio in it, installed once per lock file into the tests' corner of the user's cache. It is no
 * dependency of the project because it brings 320 packages, and a newcomer's `npm ci` should not have to fetch them.
 */
async function verdaccio(): Promise<string> {
  const recipe = join(import.meta.dirname, "registry");
  const hash = createHash("sha256")
    .update(readFileSync(join(recipe, "package-lock.json")))
    .digest("hex");
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  const final = join(cache, "create-bpf-app", "test-registry", hash.slice(0, 16));
  if (existsSync(final)) return final;
  const staging = `${final}.${process.pid}`;
  try {
    await cp(recipe, staging, { recursive: true });
    await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: staging });
    // Another run may have been quicker.
    await rename(staging, final).catch((error) => {
      if (!existsSync(final)) throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return final;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return (address as { port: number }).port;
}

async function answers(url: string): Promise<boolean> {
  for (let tries = 0; tries < 300; tries++) {
    const reply = await fetch(url).catch(() => undefined);
    if (reply?.ok) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
