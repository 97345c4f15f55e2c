import { copyFile } from "node:fs/promises";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { ownArch } from "../../toolchain/src/base/arch.ts";
import type { Disk } from "../../toolchain/src/guest/disk.ts";
import { TIMEOUT_SECONDS } from "../../toolchain/src/guest/initramfs.ts";
import type { Kernel } from "../../toolchain/src/guest/kernels.ts";
import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import { runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { hostKernel, hostLacks, KPROBES, PATCHING, runOnHost } from "./host.ts";
import { type CellResult, type Expected, expectedFailure, judge } from "./judge.ts";
import { cellOf, type Subject, seconds } from "./subjects.ts";

/**
 * How many times as long a cell may take where the processor is of another kind. Starting Node there has been seen to take
 * half a minute.
 */
const FOREIGN_PATIENCE = 4;

interface Boot {
  readonly results: CellResult[];
  readonly summary: string;
}

/** Runs all subjects in one boot of a kernel. */
export async function runOnKernel(kernel: Kernel, subjects: readonly Subject[], disk: Disk): Promise<Boot> {
  const lacks = new Set([...(kernel.modules.length === 0 ? ["no-modules"] : []), kernel.arch.node]);
  const cells = subjects.map((subject) => {
    const { name } = subject.template;
    const cell = cellOf(subject, `/app/${name}`, `/app/${name}/${name}`);
    const patience = kernel.arch === ownArch() ? 1 : FOREIGN_PATIENCE;
    return { ...cell, timeoutSeconds: (cell.timeoutSeconds ?? TIMEOUT_SECONDS) * patience };
  });
  const guest = await runGuest({ kernel, disk, cells });
  const results = subjects.map((subject) => {
    const run = guest.cells.find((cell) => cell.name === subject.template.name);
    const expected = expectedFailure(subject.template, kernel.version, lacks);
    return resultOf(subject, kernel.version, run, expected);
  });
  const fault = guest.splats.faults[0];
  if (fault !== undefined || !guest.finished) {
    // This is no one cell's fault: the first cell that has not failed answers for it.
    const reason = fault
      ? `the kernel's console says: ${fault}`
      : `the guest died:\n${guest.console.slice(-2000)}`;
    const victim = results.findIndex((r) => r.result !== "fail");
    if (victim >= 0) results[victim] = { ...(results[victim] as CellResult), result: "fail", reason };
  }
  const inCells = guest.cells.reduce((sum, cell) => sum + cell.ms, 0);
  const slow = guest.splats.slow.length > 0 ? `, ${guest.splats.slow.length} signs of slowness` : "";
  return {
    results,
    summary: `${seconds(guest.ms)}, of which ${seconds(inCells)} in ${guest.cells.length} cells${slow}`,
  };
}

function resultOf(
  subject: Subject,
  kernel: string,
  run: CellRun | undefined,
  expected: Expected | undefined,
): CellResult {
  const template = subject.template.name;
  const problem = judge(run, subject.check, expected);
  if (problem !== undefined) return { template, kernel, result: "fail", reason: problem };
  return expected
    ? { template, kernel, result: "declared", reason: expected.reason }
    : { template, kernel, result: "pass" };
}

/** Runs the subjects on this machine's own kernel; where that lacks something, they are to say so. */
export async function runHost(subjects: readonly Subject[]): Promise<CellResult[]> {
  const here = subjects.filter(({ check }) => check.notOnHost === undefined);
  const version = hostKernel();
  const lacks = hostLacks();
  // As on a guest's disk, a template's helpers lie beside its file.
  for (const { built, helpers } of here) {
    for (const [name, file] of Object.entries(helpers)) await copyFile(file, join(dirname(built.file), name));
  }
  const runs = await runOnHost(
    here.map((subject) => cellOf(subject, dirname(subject.built.file), subject.built.file)),
  );
  return here.map((subject) => {
    const run = runs.find((r) => r.name === subject.template.name);
    const has = (types: readonly string[]) => subject.template.programs.some((p) => types.includes(p));
    const expected =
      expectedFailure(subject.template, version, lacks) ??
      (lacks.has("no-kprobes") && has(KPROBES)
        ? { reason: `this machine's kernel (${release()}) has no kprobes` }
        : undefined);
    const result = resultOf(subject, "host", run, expected);
    if (result.result === "fail" && expected === undefined && has(PATCHING)) {
      return resultOf(subject, "host", run, {
        reason: `this machine's kernel (${release()}) lets no program patch it`,
      });
    }
    return result;
  });
}
