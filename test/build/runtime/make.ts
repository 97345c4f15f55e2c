import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readPins } from "../../../create/src/vendor/pins.ts";
import { defaultCache } from "../../../create/src/vendor/trees.ts";
import { vendor } from "../../../create/src/vendor/vendor.ts";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../../..");
/** One app for all tests of the runtime, kept between runs: its second build is none. */
const APP = join(
  homedir(),
  ".cache/bpf-app-test",
  `runtime-${createHash("sha256").update(ROOT).digest("hex").slice(0, 8)}`,
);

/** Builds every NAME.bpf.c of this folder as an app would be built, and returns the app's folder. */
export async function buildPrograms(): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error("the runtime's tests load programs: run them as root");
  await makeApp();
  for (const file of readdirSync(HERE).filter((name) => name.endsWith(".bpf.c"))) {
    cpSync(join(HERE, file), join(APP, "src", file), { preserveTimestamps: true });
  }
  execFileSync(process.execPath, [join(ROOT, "toolchain/src/cli.ts"), "build"], { cwd: APP, stdio: "pipe" });
  return APP;
}

/** The generated module of a program: its exports, as the test knows them. It gets the runtime's source, no bundle. */
export async function skeleton<T>(name: string): Promise<T> {
  const output = join(await buildPrograms(), ".output");
  const text = readFileSync(join(output, `${name}.skel.ts`), "utf8");
  const runtime = pathToFileURL(join(ROOT, "toolchain/src/runtime/index.ts")).href;
  const module = join(output, `${name}.${process.pid}.ts`);
  writeFileSync(module, text.replace('from "bpf-app/runtime"', `from ${JSON.stringify(runtime)}`));
  try {
    return (await import(pathToFileURL(module).href)) as T;
  } finally {
    rmSync(module);
  }
}

async function makeApp(): Promise<void> {
  if (existsSync(join(APP, "vendor/origins.json"))) return;
  const staging = `${APP}.${process.pid}`;
  mkdirSync(join(staging, "src"), { recursive: true });
  writeFileSync(join(staging, "package.json"), JSON.stringify({ name: "runtime-test", type: "module" }));
  symlinkSync(join(ROOT, "node_modules"), join(staging, "node_modules"));
  await vendor({
    pins: await readPins(join(ROOT, "vendor/pins.json")),
    app: staging,
    origin: "auto",
    submodules: false,
    cache: defaultCache(),
    signal: new AbortController().signal,
    say: () => {},
  });
  try {
    renameSync(staging, APP);
  } catch {
    // Another test was quicker.
    rmSync(staging, { recursive: true });
  }
}

/**
 * A process to be watched: it makes the system calls it is told to, and says its pid. Tests look at its events only,
 * not at those of everyone on the machine.
 */
export class Subject implements AsyncDisposable {
  readonly pid: number;
  readonly #child;

  static async start(): Promise<Subject> {
    const subject = new Subject();
    await subject.#answer();
    return subject;
  }

  private constructor() {
    const script = `import os, sys
print("ready")
for line in sys.stdin:
    call, count = line.split()
    for i in range(int(count)):
        getattr(os, call)(*([0] if call == "getpgid" else []))
    print("done")
`;
    this.#child = spawn("python3", ["-uc", script], { stdio: ["pipe", "pipe", "inherit"] });
    this.pid = this.#child.pid!;
  }

  /** Makes `call` that many times. */
  call(call: "getpgid" | "getpgrp" | "getppid", count = 1): Promise<void> {
    this.#child.stdin.write(`${call} ${count}\n`);
    return this.#answer();
  }

  #answer(): Promise<void> {
    return new Promise((resolve) => this.#child.stdout.once("data", () => resolve()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    await ended;
  }
}

/** Open file descriptors of this process. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
