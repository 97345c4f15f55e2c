import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import {
  type InjectReport,
  inject,
  makeBlob,
  makeTrim,
  stripBase,
} from "../../../toolchain/src/sea/index.ts";
import { nodePackage } from "../nodes.ts";

type Arch = "x64" | "arm64";

const NATIVE = [["cc"], ["cc", "-Wl,-z,nodelete"]] as const;
/** The compiler and the linker that make arm64's addon on x86-64. An N-API addon this small needs no C library. */
const CROSS = [
  ["clang", "--target=aarch64-linux-gnu", "-ffreestanding", "-mno-outline-atomics"],
  ["aarch64-linux-gnu-ld", "-z", "nodelete"],
] as const;

const run = promisify(execFile);
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A folder for the executables of one test file, inside the folder that builds use for temporary files. */
export function workFolder(): string {
  return mkdtempSync(join(tmpdir(), "sea-build-"));
}

/**
 * Compiles addon.c as `name`.node, which as most C++ addons stays in memory when the worker that loaded it ends, and
 * bundles app.ts as app.cjs, in `folder`.
 */
export async function makeParts(folder: string, arch: Arch, names: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { include } = await nodePackage(hostArch(), VERSIONS[0]);
  for (const name of names) {
    const out = join(folder, `${name}.node`);
    const object = join(folder, `${name}.o`);
    const [compiler, linker] = arch === hostArch() ? NATIVE : CROSS;
    const flags = ["-c", "-fPIC", "-O2", "-Wall", "-Wextra", "-Werror", `-I${include}`, `-DNAME="${name}"`];
    await run(compiler[0]!, [...compiler.slice(1), ...flags, here("addon.c"), "-o", object]);
    await run(linker[0]!, [...linker.slice(1), "-shared", object, "-o", out]);
  }
  await build({
    entryPoints: [here("app.ts")],
    outfile: join(folder, "app.cjs"),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node22",
    define: { "import.meta.url": "__url" },
    banner: {
      js: 'const __url = require("node:url").pathToFileURL(__filename).href;',
    },
    logLevel: "silent",
  });
}

/** Makes the executable `folder`/app-VERSION-ARCH with the parts in `folder`. */
export async function makeApp(
  folder: string,
  arch: Arch,
  version: string,
  names: readonly string[],
): Promise<{ path: string; blob: string; report: InjectReport }> {
  const base = join(folder, `base-${version}-${arch}`);
  const blob = join(folder, `app-${version}.blob`);
  const path = join(folder, `app-${version}-${arch}`);
  const keys = ["app.cjs", ...names.map((name) => `${name}.node`)];
  await makeBlob({
    node: (await nodePackage(hostArch(), version)).node,
    main: join(folder, "app.cjs"),
    assets: Object.fromEntries(keys.map((key) => [key, join(folder, key)])),
    out: blob,
    scratch: folder,
  });
  await stripBase({ base: (await nodePackage(arch, version)).node, out: base });
  const trim = `${base}.trim`;
  await makeTrim({ base, icu: () => ({ locales: ["de"], converters: false }), typescript: false, out: trim });
  return { path, blob, report: await inject({ base, blob, trim, out: path }) };
}

export function hostArch(): Arch {
  return process.arch === "arm64" ? "arm64" : "x64";
}

export const VERSIONS = ["22.23.3", "24.21.0", "26.10.0"] as const;
