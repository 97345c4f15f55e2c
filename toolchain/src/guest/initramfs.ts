import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { constants } from "node:os";
import { basename } from "node:path";
import type { Arch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { busybox } from "./busybox.ts";
import { flavourOf } from "./choose.ts";
import { cpio, type Entry, withParents } from "./cpio.ts";
import { guestFile } from "./files.ts";
import type { Kernel } from "./kernels.ts";
import type { FindLibrary } from "./libraries.ts";
import { libraryClosure, needs } from "./needed.ts";
import type { GuestCell } from "./run-guest.ts";
import { type Linkage, runner } from "./runner.ts";

/** How long a cell may take if it does not say. */
export const TIMEOUT_SECONDS = 60;

/**
 * Where the guest's libraries lie: Debian's where its loader looks, and this machine's, whose loader may look elsewhere, in
 * a folder that init.sh names to it.
 */
function placeOf(linkage: Linkage, { gnu }: Arch): string {
  return linkage === "static" ? `lib/${gnu}` : "lib/own";
}

/** What a guest finds. */
export interface Contents {
  readonly kernel: Kernel;
  readonly cells: readonly GuestCell[];
  /** Files below /app, by their path there: those of the disk, and those that the initramfs itself holds. */
  readonly onDisk?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Where the libraries of dynamic programs come from. */
  readonly libraries: FindLibrary;
  readonly linkage: Linkage;
}

/** Everything a guest needs to run the cells: busybox, the runner, the cells and the libraries the files ask for. */
export async function initramfs(contents: Contents): Promise<Buffer> {
  const { kernel, cells, onDisk, files = {}, linkage } = contents;
  const program = await runner(linkage, kernel.arch);
  const programs = [program, ...Object.values(files), ...Object.values(onDisk ?? {})];
  return cpio(
    withParents([
      await fileEntry("init", guestFile("init.sh")),
      await fileEntry("bin/busybox", await busybox(kernel.arch)),
      await fileEntry("bin/runner", program),
      ...(onDisk ? [{ path: "disk", type: "file" as const, data: Buffer.alloc(0) }] : []),
      ...(await Promise.all(Object.entries(files).map(([path, file]) => fileEntry(`app/${path}`, file)))),
      ...(await configEntries(kernel)),
      ...(await moduleEntries(kernel)),
      ...(await libraryEntries(programs, contents.libraries, placeOf(linkage, kernel.arch))),
      ...cells.flatMap(cellEntries),
    ]),
  );
}

async function fileEntry(path: string, file: string): Promise<Entry> {
  return { path, type: "file", mode: 0o755, data: await readFile(file) };
}

/** libbpf looks for the kernel's configuration where distributions have it. */
async function configEntries({ abi, config, arch }: Kernel): Promise<Entry[]> {
  if (config === undefined) return [];
  return [{ path: `boot/config-${abi}-${flavourOf(arch)}`, type: "file", data: await readFile(config) }];
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

/** The libraries that the dynamic programs among these files ask for, and no more. */
async function libraryEntries(files: readonly string[], find: FindLibrary, place: string): Promise<Entry[]> {
  const programs = await filter(files, isElf);
  const entries: Entry[] = [];
  for (const loader of new Set(programs.flatMap((program) => needs(program).interpreter ?? []))) {
    const file = find(basename(loader)) ?? loader;
    if (!existsSync(file))
      throw new Failure("guest", { kind: "library-missing", file: programs.join(", "), name: loader });
    entries.push(await fileEntry(loader, file));
  }
  for (const [name, file] of libraryClosure(programs, find))
    entries.push(await fileEntry(`${place}/${name}`, file));
  return entries;
}

async function isElf(file: string): Promise<boolean> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  return bytesRead === 4 && buffer.readUInt32BE(0) === 0x7f454c46;
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
