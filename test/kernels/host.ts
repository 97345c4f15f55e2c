import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { release, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ownArch } from "../../toolchain/src/base/arch.ts";
import { busybox } from "../../toolchain/src/guest/busybox.ts";
import { cellEntries } from "../../toolchain/src/guest/initramfs.ts";
import { type CellRun, FrameReader } from "../../toolchain/src/guest/protocol.ts";
import type { GuestCell } from "../../toolchain/src/guest/run-guest.ts";
import { runner } from "../../toolchain/src/guest/runner.ts";

const run = promisify(execFile);

/** What others attach to this machine's interfaces is not the cells' business, and the reverse. */
const OWN_NETWORK = ["--net", "sh", "-c", 'busybox ip link set lo up && exec "$@"', "sh"];

/** Runs cells on this machine's own kernel, as root, with the runner that guests have. */
export async function runOnHost(cells: readonly GuestCell[]): Promise<CellRun[]> {
  const scratch = await mkdtemp(join(tmpdir(), "create-bpf-app-host-"));
  const reader = new FrameReader();
  try {
    // The commands of set-up and trigger are the same as in a guest.
    const applets = join(scratch, "bin");
    await mkdir(applets);
    await run(await busybox(ownArch()), ["--install", "-s", applets]);
    const env = { ...process.env, PATH: `${applets}:${process.env.PATH}` };
    for (const [index, cell] of cells.entries()) {
      const entries = cellEntries(cell, index);
      for (const entry of entries) {
        if (entry.type !== "file") continue;
        await mkdir(join(scratch, dirname(entry.path)), { recursive: true });
        await writeFile(join(scratch, entry.path), entry.data);
      }
      const directory = join(scratch, dirname(entries[0]?.path ?? ""));
      const { stdout } = await run(
        "unshare",
        [...OWN_NETWORK, await runner("static", ownArch()), directory, scratch],
        {
          encoding: "buffer",
          env,
          maxBuffer: 1 << 26,
        },
      );
      reader.push(stdout);
    }
  } finally {
    await rm(scratch, { recursive: true });
  }
  return reader.cells;
}

export function hostKernel(): string {
  return /^\d+\.\d+/.exec(release())?.[0] ?? release();
}

/** Program types that need kprobes. */
export const KPROBES = ["kprobe", "kretprobe", "ksyscall", "kretsyscall", "kprobe.multi", "kretprobe.multi"];

/**
 * Program types that need the kernel to patch its own code. Some virtual machines forbid that, and nothing shows that
 * they do.
 */
export const PATCHING = ["fentry", "fexit", "fmod_ret", "lsm", "freplace"];

/** What this machine's kernel lacks, by the names that `when` in a template.json uses. */
export function hostLacks(): Set<string> {
  const lacks = new Set<string>();
  if (!existsSync("/sys/bus/event_source/devices/kprobe")) lacks.add("no-kprobes");
  if (!existsSync("/sys/kernel/btf/vmlinux")) lacks.add("no-btf");
  return lacks;
}
