import { existsSync } from "node:fs";
import { copyFile, readdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { command } from "./command.ts";

/** Raised whenever what these functions write changes: it is part of the names of what they have written before. */
export const RECIPE = 3;

/** The file with the kernel's configuration, which programs can ask for (`extern … __kconfig`). */
export const CONFIG = "config";

/** The modules that guests load: virtual network devices, and the parts of traffic control that programs attach to. */
const MODULES = ["veth", "dummy", "sch_ingress", "cls_bpf"];

/**
 * Takes out of unpacked kernel packages the image, its configuration and the modules that guests load, decompressed, with what those
 * depend on; writes `kernel.json` with their load order last.
 */
export async function extractKernel(unpacked: string, into: string): Promise<void> {
  const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const paths = files.filter((f) => f.isFile()).map((f) => join(f.parentPath, f.name));
  const image = paths.find((path) => /^vmlinuz(-.*)?$/.test(basename(path)));
  if (image === undefined) throw new Error(`the packages hold no vmlinuz: ${paths.slice(0, 5).join(", ")}`);
  await copyFile(image, join(into, "vmlinuz"));
  const config = paths.find((path) => /\/boot\/config-[^/]+$/.test(path));
  if (config !== undefined) await copyFile(config, join(into, CONFIG));
  const available = new Map(
    paths.flatMap((path) => {
      const match = /([^/]+)\.ko(\.xz|\.zst)?$/.exec(path);
      return match ? [[moduleName(match[1]!), path] as const] : [];
    }),
  );
  const order: string[] = [];
  const add = async (name: string): Promise<void> => {
    const path = available.get(moduleName(name));
    const file = `${moduleName(name)}.ko`;
    // It is not there because it is built in, or because it is not served any more.
    if (path === undefined || order.includes(file)) return;
    const bytes = await decompressed(path);
    for (const dependency of dependencies(bytes)) await add(dependency);
    order.push(file);
    await writeFile(join(into, file), bytes);
  };
  for (const name of MODULES) await add(name);
  await writeFile(join(into, "kernel.json"), JSON.stringify({ modules: order }));
}

/** Gathers the shared libraries of unpacked packages in one folder, under the names that programs ask for. */
export async function extractLibraries(unpacked: string, into: string): Promise<void> {
  const files = await readdir(unpacked, { recursive: true, withFileTypes: true });
  const names: string[] = [];
  for (const file of files) {
    if (!/^(lib|ld-linux).*\.so(\.\d+)*$/.test(file.name) || !(file.isFile() || file.isSymbolicLink()))
      continue;
    if (!/\/(x86_64|aarch64)-linux-gnu$/.test(file.parentPath)) continue;
    await copyFile(join(file.parentPath, file.name), join(into, file.name));
    names.push(file.name);
  }
  await writeFile(join(into, "libraries.json"), JSON.stringify({ names }));
}

/** Takes the static busybox out of its unpacked package. */
export async function extractBusybox(unpacked: string, into: string): Promise<void> {
  const places = ["usr/bin/busybox", "bin/busybox"].map((path) => join(unpacked, path));
  const place = places.find((path) => existsSync(path));
  if (place === undefined) throw new Error("the package holds no busybox");
  await copyFile(place, join(into, "busybox"));
  await writeFile(join(into, "busybox.json"), "{}");
}

async function decompressed(path: string): Promise<Buffer> {
  const packed = /\.(xz|zst)$/.exec(path);
  if (packed === null) return await readFile(path);
  await command(packed[1] === "xz" ? "xz" : "zstd", ["--decompress", "--quiet", path]);
  return await readFile(path.slice(0, packed.index));
}

function moduleName(name: string): string {
  return name.replaceAll("-", "_");
}

/** The modules that a module declares to need: `depends=a,b` in its .modinfo. */
export function dependencies(module: Buffer): string[] {
  const at = module.indexOf("\0depends=");
  if (at < 0) return [];
  const start = at + "\0depends=".length;
  return module.toString("latin1", start, module.indexOf(0, start)).split(",").filter(Boolean);
}
