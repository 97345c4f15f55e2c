import { execFileSync, spawn, spawnSync } from "node:child_process";
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
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { threadId } from "node:worker_threads";
import { defaultCache } from "../../../vendor/cache.ts";
import { ORIGIN_NAMES } from "../../../vendor/origin-names.ts";
import { readPins } from "../../../vendor/pins.ts";
import { vendor } from "../../../vendor/vendor.ts";

const HERE = import.meta.dirname;
const ROOT = join(HERE, "../../..");
/** How C and C++ are compiled: as for every app, or in such a way that a wrong access to memory ends the process. */
export type Variant = "plain" | "sanitized";

const SETTINGS: Readonly<Record<Variant, readonly string[]>> = {
  plain: [],
  sanitized: ["CFLAGS=-fsanitize=address,undefined -fno-omit-frame-pointer -g"],
};

/**
 * The folder of the apps for all tests of the runtime, one for each variant. They are kept between runs, so that the
 * next build has nothing to do.
 */
const APPS = join(
  homedir(),
  ".cache/bpf-app-test",
  createHash("sha256").update(ROOT).digest("hex").slice(0, 8),
);
const FOLDERS: Readonly<Record<Variant, string>> = {
  plain: join(APPS, "runtime"),
  sanitized: join(APPS, "runtime-sanitized"),
};

/** Builds every NAME.bpf.c of this folder as an app would be built, and returns the app's folder. */
export async function buildPrograms(variant: Variant = "plain"): Promise<string> {
  if (process.getuid?.() !== 0) throw new Error("programs can be loaded by root only: run this as root");
  const app = FOLDERS[variant];
  await makeApp(app);
  for (const file of readdirSync(HERE).filter((name) => name.endsWith(".bpf.c"))) {
    cpSync(join(HERE, file), join(app, "src", file), { preserveTimestamps: true });
  }
  const command = [join(ROOT, "toolchain/src/cli.ts"), "build", ...SETTINGS[variant]];
  const build = spawnSync(process.execPath, command, { cwd: app, encoding: "utf8" });
  if (build.status !== 0) throw new Error(`the programs cannot be built:\n${build.stdout}${build.stderr}`);
  return app;
}

/**
 * The exports of a program's generated module, as the test knows them. The module imports the runtime from its
 * sources, and not from the bundle.
 */
export async function skeleton<T>(name: string): Promise<T> {
  using module = writeModule(await buildPrograms(), name);
  return (await import(module.url)) as T;
}

/** Writes that module to a file, for another process to import. The file is there until it is disposed of. */
export function writeModule(app: string, name: string): { readonly url: string } & Disposable {
  const output = join(app, ".output");
  const text = readFileSync(join(output, `${name}.skel.ts`), "utf8");
  const generated = pathToFileURL(join(ROOT, "toolchain/src/runtime/generated.ts")).href;
  const module = join(output, `${name}.${process.pid}.${threadId}.ts`);
  writeFileSync(module, text.replace('from "bpf-app/generated"', `from ${JSON.stringify(generated)}`));
  return { url: pathToFileURL(module).href, [Symbol.dispose]: () => rmSync(module) };
}

async function makeApp(app: string): Promise<void> {
  if (existsSync(join(app, "vendor/origins.json"))) return;
  const staging = `${app}.${process.pid}`;
  mkdirSync(join(staging, "src"), { recursive: true });
  writeFileSync(join(staging, "package.json"), JSON.stringify({ name: "runtime-test", type: "module" }));
  symlinkSync(join(ROOT, "node_modules"), join(staging, "node_modules"));
  await vendor({
    pins: await readPins(join(ROOT, "vendor/pins.json")),
    app: staging,
    origins: ORIGIN_NAMES,
    submodules: false,
    cache: defaultCache(),
    signal: new AbortController().signal,
    say: () => {},
  });
  try {
    renameSync(staging, app);
  } catch {
    // Another test was quicker, and its app serves as well.
    rmSync(staging, { recursive: true });
  }
}

/** A process that does what each line that it reads says, and answers with a line when it has done so. */
abstract class Puppet implements AsyncDisposable {
  readonly #child;
  readonly #lines;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid!;
  }

  protected tell(line: string): Promise<void> {
    this.#child.stdin.write(`${line}\n`);
    return this.answer();
  }

  /** Waits for the next line. What is written at once may arrive in pieces. */
  protected async answer(): Promise<void> {
    await this.#lines.next();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    await ended;
  }
}

/** A process that makes system calls. Tests look at its events only, and not at those of everyone on the machine. */
export class Subject extends Puppet {
  static async start(): Promise<Subject> {
    const script = `import os, sys
print("ready")
for line in sys.stdin:
    call, count = line.split()
    for i in range(int(count)):
        getattr(os, call)(*([0] if call == "getpgid" else []))
    print("done")
`;
    const subject = new Subject("python3", ["-uc", script]);
    await subject.answer();
    return subject;
  }

  /** Makes `call` that many times. It has to be waited for before the next call. */
  call(call: "getpgid" | "getpgrp" | "getppid", count = 1): Promise<void> {
    return this.tell(`${call} ${count}`);
  }
}

/** A process of target.c, for tests that probe a binary. */
export class Target extends Puppet {
  static async start(): Promise<Target> {
    const target = new Target(targetPath(), []);
    await target.answer();
    return target;
  }

  work(value: number): Promise<void> {
    return this.tell(String(value));
  }
}

export function targetPath(): string {
  const binary = join(FOLDERS.plain, "target");
  if (!existsSync(binary)) {
    const staged = `${binary}.${process.pid}`;
    execFileSync("cc", ["-O1", "-g", "-o", staged, join(HERE, "target.c")]);
    renameSync(staged, binary);
  }
  return binary;
}

/** The number of file descriptors that this process has open. */
export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
