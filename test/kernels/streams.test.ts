// What programs print, on kernels that have streams under one name or another, and on one that has none.
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { type Disk, makeDisk } from "../../toolchain/src/guest/disk.ts";
import { prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import { runGuest } from "../../toolchain/src/guest/run-guest.ts";
import { App } from "../build/app.ts";

/** 6.12 has no streams. The function to print to one changed its name with 6.18, and its arguments with 7.0. */
const KERNELS = ["6.12", "6.17", "6.18", "7.0", "7.3"];

interface Told {
  readonly source: readonly string[];
  readonly told: readonly string[];
  readonly other: readonly string[];
  readonly much?: readonly string[];
  readonly full?: { readonly refused: number; readonly lines: number; readonly whole: boolean };
  readonly empty?: string;
  readonly turns?: number;
  readonly report?: readonly string[];
}

let work: string;
let disk: Disk;
before(async () => {
  work = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const app = App.make("minimal");
  for (const file of ["streams.bpf.c", "streams.ts"])
    cpSync(join(import.meta.dirname, "streams", file), app.path(`src/${file}`));
  const built = app.build(["streams"]);
  assert.equal(built.status, 0, built.stdout + built.stderr);
  disk = await makeDisk({ streams: app.path("dist/streams") }, join(work, "disk.img"));
});
after(() => rmSync(work, { recursive: true, force: true }));

const onKernel = (version: string) =>
  test(`Linux ${version}`, async () => {
    const { kernels } = await prepareKernels([version]);
    const [kernel] = kernels;
    assert.ok(kernel, `no kernel ${version}`);
    const streams = version !== "6.12";
    const argv = ["/app/streams", ...(streams ? ["--spin"] : [])];
    const guest = await runGuest({ kernel, disk, cells: [{ name: "streams", argv, stop: "none" }] });
    const [run] = guest.cells;
    assert.equal(run?.exit, 0, run ? `${run.stdout}${run.stderr}` : guest.console);
    const lines = run.stdout.trimEnd().split("\n");
    const said = Object.assign({}, ...lines.map((line) => JSON.parse(line))) as Told;
    assert.deepEqual(said.source, streams ? ["stream", "stream"] : ["trace_pipe", "none"]);
    assert.deepEqual(
      said.told,
      [1, 2, 3].map((times) => `told ${times} times, 50 bytes: all`),
    );
    assert.deepEqual(said.other, ["five: 1 2 3 4 5", "no values"]);
    if (!streams) return;
    assert.deepEqual(
      said.much,
      Array.from({ length: 500 }, (_, index) => `line ${index}`),
    );
    assert.ok(said.full && said.full.refused < 0 && said.full.whole, JSON.stringify(said.full));
    assert.ok(said.full.lines > 1000 && said.full.lines < 20_000, String(said.full.lines));
    assert.equal(said.empty, "");
    assert.equal(said.turns, 2);
    assert.match(said.report?.[0] ?? "", /Timeout detected for may_goto/);
  });

// A guest has one processor, and the machine two.
describe("what programs print, in guests", { concurrency: 2 }, () => {
  for (const version of KERNELS) onKernel(version);
});
