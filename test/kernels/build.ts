import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Arch, ownArch } from "../../toolchain/src/base/arch.ts";

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, "../..");

/** A template made into an app by the scaffolder and built. */
export interface Built {
  readonly template: string;
  /** The path of the app's single file. */
  readonly file: string;
  readonly ms: { readonly scaffold: number; readonly install: number; readonly build: number };
}

/**
 * Generates a template alone with the real scaffolder, in a folder of its own, and builds it with `npm run build`, for
 * another architecture too.
 * Apps with the same dependencies share the node_modules of the first of them: installing Node 19 times would cost
 * minutes and prove nothing new.
 * @throws Error with the output of the command that failed
 */
export async function buildTemplate(template: string, work: string, arch: Arch): Promise<Built> {
  const app = join(work, template);
  const begun = performance.now();
  await mkdir(work, { recursive: true });
  const flags = ["--template", template, "--yes", "--no-git", "--no-install"];
  await command(process.execPath, [join(ROOT, "create/dist/main.js"), app, ...flags], work);
  const scaffolded = performance.now();
  await installOnce(app, work);
  const installed = performance.now();
  const native = arch === ownArch();
  await command("npm", ["run", "build", ...(native ? [] : ["--", `ARCH=${arch.node}`])], app);
  const file = join(app, "dist", native ? template : `${template}-${arch.node}`);
  if (!existsSync(file)) throw new Error(`npm run build made no ${file}`);
  const ms = {
    scaffold: scaffolded - begun,
    install: installed - scaffolded,
    build: performance.now() - installed,
  };
  return { template, file, ms };
}

/** Bundles the scaffolder, unless it is newer than everything that goes into it. */
export async function buildScaffolder(): Promise<void> {
  const built = await modified(join(ROOT, "create/dist/main.js"));
  for (const folder of ["create/src", "create/build.mjs", "templates", "vendor"]) {
    if ((await modified(join(ROOT, folder))) < built) continue;
    await command(process.execPath, [join(ROOT, "create/build.mjs")], ROOT);
    return;
  }
}

/** When a file, or the newest in a folder, was written; 0 if there is none. */
async function modified(path: string): Promise<number> {
  const files = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = [path, ...files.map((file) => join(file.parentPath, file.name))];
  const times = paths.map((one) =>
    stat(one).then(
      (s) => s.mtimeMs,
      () => 0,
    ),
  );
  return Math.max(...(await Promise.all(times)));
}

async function installOnce(app: string, work: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(app, "package.json"), "utf8"));
  const key = JSON.stringify([manifest.dependencies, manifest.devDependencies]);
  const registry = join(work, "installed.json");
  const installed: Record<string, string> = await readFile(registry, "utf8")
    .then(JSON.parse)
    .catch(() => ({}));
  const first = installed[key];
  if (first !== undefined) {
    await symlink(first, join(app, "node_modules"));
    return;
  }
  await command("npm", ["install", "--no-audit", "--no-fund", "--prefer-offline"], app);
  await writeFile(registry, JSON.stringify({ ...installed, [key]: join(app, "node_modules") }));
}

/**
 * Compiles a helper of a cell: C to a static program; C++, where the name ends in `.cc`, to one that uses the guest's own
 * libraries. That has no start files, which would bind it to the C library of this machine.
 */
export async function compileHelper(
  name: string,
  source: string,
  work: string,
  arch: Arch = ownArch(),
): Promise<string> {
  await mkdir(work, { recursive: true });
  const dynamic = name.endsWith(".cc");
  const output = join(work, helperName(name));
  const input = `${output}${dynamic ? ".cc" : ".c"}`;
  await rm(output, { force: true });
  await writeFile(input, source);
  const [cc, cxx] = arch === ownArch() ? ["cc", "c++"] : [`${arch.gnu}-gcc`, `${arch.gnu}-g++`];
  const compiler = dynamic ? [cxx, "-nostartfiles", "-Wl,-e,start"] : [cc, "-static"];
  const [file, ...flags] = compiler as [string, ...string[]];
  await command(file, [...flags, "-O1", "-g", "-fno-inline", "-Wall", "-o", output, input], work);
  return output;
}

/** The program of a helper's source. */
export function helperName(name: string): string {
  return name.replace(/\.cc$/, "");
}

async function command(file: string, args: readonly string[], cwd: string): Promise<void> {
  try {
    await run(file, args, { cwd, maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${[file, ...args].join(" ")} failed in ${cwd}\n${stdout}${stderr}`.trimEnd());
  }
}
