import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { constants } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { cpio, type Entry, withParents } from "./cpio.ts";
import type { Disk } from "./disk.ts";
import type { GuestCell } from "./run-guest.ts";
import { cacheDir, type Kernel } from "./kernels.ts";
import { libraryClosure, needs } from "./needed.ts";

const run = promisify(execFile);
const HERE = join(import.meta.dirname, "guest");

/** How long a cell may take if it does not say. */
export const TIMEOUT_SECONDS = 60;

/** Everything a guest needs to run the cells: busybox, the runner, the cells and the libraries the files ask for. */
export async function initramfs(kernel: Kernel, disk: Disk, cells: readonly GuestCell[]): Promise<Buffer> {
  const program = async (path: string, file: string): Promise<Entry> => ({
    path,
    type: "file",
    mode: 0o755,
    data: await readFile(file),
  });
  return cpio(
    withParents([
      await program("init", join(HERE, "init.sh")),
      await program("bin/busybox", busybox()),
      await program("bin/runner", await runner()),
      ...(await moduleEntries(kernel)),
      ...(await libraryEntries(kernel, disk)),
      ...cells.flatMap(cellEntries),
    ]),
  );
}

/** The guests' only programs besides ours. @throws Error when there is none: test/setup installs it */
export function busybox(): string {
  const found = ["/bin/busybox", "/usr/bin/busybox"].find(existsSync);
  if (found === undefined || needs(found).libraries.length > 0) {
    throw new Error("A static busybox is missing: `node test/setup/index.ts` installs what tests need.");
  }
  return found;
}

/** Compiles guest/runner.c, once for each content. */
export async function runner(): Promise<string> {
  const source = join(HERE, "runner.c");
  const hash = createHash("sha256")
    .update(await readFile(source))
    .digest("hex");
  const binary = join(cacheDir(), "runner", hash);
  if (existsSync(binary)) return binary;
  await mkdir(join(cacheDir(), "runner"), { recursive: true });
  const staging = `${binary}.${process.pid}`;
  await run("cc", ["-static", "-Os", "-s", "-Wall", "-Wextra", "-o", staging, source]);
  await rename(staging, binary);
  return binary;
}

async function moduleEntries(kernel: Kernel): Promise<Entry[]> {
  const order = kernel.modules.map((file) => basename(file)).join("\n");
  const files = kernel.modules.map(
    async (file): Promise<Entry> => ({
      path: `modules/${basename(file)}`,
      type: "file",
      data: await readFile(file),
    }),
  );
  return [{ path: "modules/order", type: "file", data: Buffer.from(order) }, ...(await Promise.all(files))];
}

/** The libraries of the kernel's own Debian release that the dynamic programs on the disk ask for, and no more. */
async function libraryEntries(kernel: Kernel, disk: Disk): Promise<Entry[]> {
  const programs = await filter(Object.values(disk.files), isElf);
  const find = (name: string) => {
    const path = join(kernel.libraries, name);
    return existsSync(path) ? path : undefined;
  };
  const entries: Entry[] = [];
  const add = async (path: string, name: string) => {
    const file = find(name);
    if (file === undefined) throw new Error(`${name} is in none of the guest's packages`);
    entries.push({ path, type: "file", mode: 0o755, data: await readFile(file) });
  };
  const loaders = new Set(programs.flatMap((program) => needs(program).interpreter ?? []));
  for (const loader of loaders) await add(loader, basename(loader));
  for (const name of libraryClosure(programs, find).keys()) await add(`lib/x86_64-linux-gnu/${name}`, name);
  return entries;
}

async function isElf(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return buffer.readUInt32BE(0) === 0x7f454c46;
}

async function filter<T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> {
  const kept = await Promise.all(items.map(keep));
  return items.filter((_, index) => kept[index]);
}

/** A cell as the files that the runner reads. */
export function cellEntries(cell: GuestCell, index: number): Entry[] {
  const signals = { SIGINT: constants.signals.SIGINT, SIGTERM: constants.signals.SIGTERM, none: 0 };
  const words = (list: readonly string[]) => list.map((word) => `${word}\0`).join("");
  const parts = {
    name: cell.name,
    argv: words(cell.argv),
    env: words(Object.entries(cell.env ?? {}).map(([key, value]) => `${key}=${value}`)),
    setup: cell.setup,
    ready: (cell.ready ?? []).join("\n"),
    trigger: cell.trigger,
    until: (cell.until ?? []).join("\n"),
    cleanup: cell.cleanup,
    stop: String(signals[cell.stop ?? "SIGINT"]),
    timeout: String(cell.timeoutSeconds ?? TIMEOUT_SECONDS),
  };
  const directory = `cells/${String(index).padStart(3, "0")}`;
  return Object.entries(parts).flatMap(([part, text]) =>
    text === undefined
      ? []
      : [{ path: `${directory}/${part}`, type: "file" as const, data: Buffer.from(text) }],
  );
}
