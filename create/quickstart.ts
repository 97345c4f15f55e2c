// Leads from a clone of the repository to events from the kernel: it installs system packages, makes the app ./demo,
// builds its executable, and runs that for a few seconds.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install } from "../toolchain/src/base/install.ts";
import { ARCHIVE_NEEDS, HEADERS, installCommand, NEEDS } from "../toolchain/src/base/packages.ts";
import { findTool, which } from "../toolchain/src/base/which.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const demo = join(root, "demo");
const isRoot = process.getuid?.() === 0;
// minimal compares its process id with the one that the kernel side sees. In a container these differ.
const template = inContainer() ? "minimal_ns" : "minimal";

systemPackages();
await build();
if (isRoot) await run();
next();

/** Installs the missing packages and says which. A user other than root is told the command instead. */
function systemPackages(): void {
  const path = process.env.PATH ?? "";
  const absent = (need: { command: string; file?: string }) =>
    need.file ? !existsSync(need.file) : !findTool(need.command, path);
  const all = [...NEEDS, ...HEADERS, ...ARCHIVE_NEEDS];
  const missing = all.filter(absent);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((need) => need.apt))];
  for (const need of missing) say(`Missing: ${need.command} (${need.why}).`);
  const command = installCommand("apt", packages);
  if (!which("apt-get", path))
    stop(`Install these packages with this system's package manager: ${packages.join(" ")}`);
  if (!isRoot) stop(`Run this command, and then npm run quickstart again:\n  sudo ${command.join(" ")}`);
  say(`Installing ${packages.join(", ")} …`);
  const names = () => [...new Set(all.filter(absent).map((need) => need.apt))];
  const gone = install({ run: quietly, missing: names });
  const optional = ARCHIVE_NEEDS.map((need) => need.apt);
  for (const name of gone.filter((one) => optional.includes(one)))
    say(`${name} could not be installed, so the sources have to come from elsewhere than Debian's archive.`);
  const needed = gone.filter((name) => !optional.includes(name));
  if (needed.length > 0)
    stop(
      `Some packages could not be installed. Run this command to see why:\n  ${installCommand("apt", needed).join(" ")}`,
    );
}

/** Makes ./demo, unless an earlier quickstart has made it, and builds it. */
async function build(): Promise<void> {
  if (isOurs()) {
    say("The app ./demo exists already, so it is only built.");
    if (toolchainIsNewer()) await refreshToolchain();
  } else if (existsSync(demo) && (!statSync(demo).isDirectory() || readdirSync(demo).length > 0)) {
    stop(
      "There is a ./demo that quickstart has not made. Nothing in it was touched. Move it away and run this again.",
    );
  } else {
    if (template !== "minimal")
      say(`This is a container, so the template is ${template}, which handles both ids of its process.`);
    loudly(
      process.execPath,
      ["create/dist/main.js", "demo", "--template", template, "--yes", "--no-git"],
      root,
    );
  }
  say("\n$ npm run build");
  loudly("npm", ["run", "--silent", "build"], demo);
}

/** Whether create-bpf-app made ./demo. Its package.json then names the toolchain. */
function isOurs(): boolean {
  try {
    const manifest = JSON.parse(readFileSync(join(demo, "package.json"), "utf8")) as {
      name?: string;
      devDependencies?: object;
    };
    return (
      manifest.name === "demo" &&
      "bpf-app" in (manifest.devDependencies ?? {}) &&
      existsSync(join(demo, `src/${template}.bpf.c`))
    );
  } catch {
    return false;
  }
}

function packed(): string | undefined {
  return readdirSync(join(demo, "vendor")).find((file) => /^bpf-app-.*\.tgz$/.test(file));
}

function toolchainIsNewer(): boolean {
  const tarball = packed();
  return (
    tarball !== undefined &&
    statSync(join(root, "toolchain/dist/cli.js")).mtimeMs > statSync(join(demo, "vendor", tarball)).mtimeMs
  );
}

/** Packs the toolchain again and installs it in ./demo, because the checkout has changed since ./demo was made. */
async function refreshToolchain(): Promise<void> {
  const { packToolchain } = await import("./src/toolchain.ts");
  await packToolchain(join(root, "toolchain"), demo, new AbortController().signal);
  loudly("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", `./vendor/${packed()}`], demo);
}

/** Runs the executable for some seconds. The kernel's lines come through tracefs, which containers often lack. */
async function run(): Promise<void> {
  if (!existsSync("/sys/kernel/tracing/trace_pipe")) {
    say("Mounting tracefs, in which the kernel's lines appear: mount -t tracefs tracefs /sys/kernel/tracing");
    quietly(["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"]);
  }
  say(`\n$ ./demo/dist/${template} --duration 3`);
  const child = spawn(join(demo, "dist", template), ["--duration", "3"], {
    stdio: ["inherit", "pipe", "inherit"],
  });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    process.stdout.write(text);
  });
  const status = await new Promise((resolve) =>
    child.once("close", (code, signal) => resolve(signal ?? code)),
  );
  if (status !== 0) stop(`The executable ended with ${status}; its message above says why.`);
  if (!printed.includes("BPF triggered"))
    stop(
      "The program was loaded and attached, but no line of it came out of the kernel's trace pipe. Another reader " +
        "may take the lines away (cat /sys/kernel/tracing/trace_pipe, another quickstart). End it and run this again.",
    );
}

/** Whether this process has another PID namespace than the machine, whose one has the same number in every kernel. */
function inContainer(): boolean {
  return readlinkSync("/proc/self/ns/pid") !== "pid:[4026531836]";
}

function next(): void {
  const size = (statSync(join(demo, "dist", template)).size / 1e6).toFixed(0);
  say(
    `\nThat was demo/dist/${template}: one file of ${size} MB, which runs without Node, clang and libbpf on the machine.`,
  );
  if (!isRoot) say(`Run it: sudo ./demo/dist/${template}`);
  say(`Next:
  Edit demo/src/${template}.bpf.c, the kernel side, or demo/src/${template}.ts, the user side. Then run in demo/:
  npm run build            # builds again, in a second or two
  npm run build -- V=1     # prints every command in full
  npm start                # builds and runs
  npx bpf-app add hello    # adds another program to the same app`);
}

function quietly(command: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const [program = "", ...args] = command;
  return spawnSync(program, args, { stdio: "ignore", env }).status === 0;
}

function loudly(command: string, args: readonly string[], cwd: string): void {
  const { status } = spawnSync(command, args, { cwd, stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

function say(text: string): void {
  console.log(text);
}

function stop(text: string): never {
  console.error(`quickstart: ${text}`);
  process.exit(1);
}
