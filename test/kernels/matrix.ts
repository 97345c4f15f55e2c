/**
 * `npm run test:kernels`: every template on every kernel.
 *
 *   --template NAME  only these templates (may be repeated)
 *   --kernel V       only these kernels, such as 6.1, or `host` for this machine's own (may be repeated);
 *                    `quick` stands for the host and the oldest and the newest of the table
 *   --json           the results on stdout as JSON; progress always goes to stderr
 *   --all            run cells too that have passed before with the same content; implied by CI
 *   --since TIME     in seconds since 1970: cells that passed with the same content after that are not run again,
 *                    --all and CI notwithstanding
 *   --half           on the kernels between the oldest and the newest only every second template, and on the next day
 *                    the others
 *   --arch NAME      the files that are built for another architecture, on kernels of that; by default on two
 */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ARCHES, archOf, ownArch } from "../../toolchain/src/base/arch.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { quickVersions, tooFew, WANTED } from "../../toolchain/src/guest/choose.ts";
import { type Kernel, prepareKernels } from "../../toolchain/src/guest/kernels.ts";
import { cacheDir } from "./cache-dir.ts";
import { runHost, runOnKernel } from "./execute.ts";
import type { CellResult } from "./judge.ts";
import { Memory } from "./memory.ts";
import { diskOf, prepareSubjects, type Subject } from "./subjects.ts";
import { page } from "./table.ts";

const { values } = parseArgs({
  options: {
    template: { type: "string", multiple: true },
    kernel: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    since: { type: "string" },
    half: { type: "boolean", default: false },
    arch: { type: "string" },
  },
});
/**
 * How many guests run at a time. Half of the time their cells wait for lines and timers: three guests keep two cores
 * busy.
 */
const GUESTS = 3;
/** A processor of another kind is never idle while it is emulated. */
const FOREIGN_GUESTS = 2;
const say = (line: string) => process.stderr.write(`${line}\n`);
const arch = values.arch === undefined ? ownArch() : archOf(values.arch);
/** An emulated processor of another kind is slower still: one kernel without trampolines for BPF, and the newest. */
const FOREIGN = ["6.1", "7.3"];
process.exitCode = await main();

async function main(): Promise<number> {
  if (arch === undefined) {
    say(`${values.arch} is not among the architectures: ${Object.keys(ARCHES).join(", ")}`);
    return 2;
  }
  const foreign = arch !== ownArch();
  const asked = values.kernel ?? (foreign ? FOREIGN : undefined);
  const versions = asked?.flatMap((v) => (v === "quick" ? ["host", ...quickVersions()] : [v]));
  const unknown = versions?.filter((v) => v !== "host" && !WANTED.some((w) => w.version === v)) ?? [];
  if (unknown.length > 0) {
    say(
      `There is no kernel ${unknown.join(", ")} in the table: ${WANTED.map((w) => w.version).join(", ")}, host`,
    );
    return 2;
  }
  const begun = performance.now();
  await mkdir(cacheDir(), { recursive: true });
  await removeAbandoned();
  const work = await mkdtemp(join(cacheDir(), "work-"));
  try {
    const { subjects, broken } = await prepareSubjects(values.template, work, arch, say);
    const guests = versions?.filter((version) => version !== "host");
    const { kernels, notes } =
      guests?.length === 0 ? { kernels: [], notes: [] } : await prepareKernels(guests, { arch });
    for (const note of notes) say(note);
    const results = [...broken];
    const cells = [onKernels(kernels, subjects, work)];
    if (versions === undefined || versions.includes("host")) cells.push(onHost(subjects));
    for (const some of await Promise.all(cells)) results.push(...some);
    const order = ["build", "host", ...kernels.map((kernel) => kernel.version)];
    const place = (cell: CellResult) => order.indexOf(cell.kernel);
    results.sort((a, b) => a.template.localeCompare(b.template) || place(a) - place(b));
    report(results, begun);
    const few = tooFew(
      kernels.map(({ version }) => version),
      guests,
    );
    if (few) say(`FAIL ${few}`);
    if (values.template === undefined && values.kernel === undefined && !values.half && broken.length === 0) {
      await writeTable(results, kernels, foreign ? `kernels-${arch.node}.md` : "kernels.md");
    }
    return few || results.some((r) => r.result === "fail") ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`The matrix cannot be run: ${JSON.stringify(error.failure)}`);
    return 2;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Removes the folders of runs that were killed. */
async function removeAbandoned(): Promise<void> {
  for (const name of await readdir(cacheDir())) {
    const folder = join(cacheDir(), name);
    if (!name.startsWith("work-") || Date.now() - (await stat(folder)).mtimeMs < 2 * 3600 * 1000) continue;
    await rm(folder, { recursive: true, force: true });
  }
}

async function onHost(subjects: readonly Subject[]): Promise<CellResult[]> {
  if (process.getuid?.() !== 0) {
    const reason = "only root can load programs into this machine's own kernel; --kernel leaves it out";
    return subjects.map(({ template }) => ({
      template: template.name,
      kernel: "host",
      result: "fail",
      reason,
    }));
  }
  const results = await runHost(subjects);
  say(`host: ${count(results)}`);
  sayFailed(results);
  return results;
}

async function onKernels(
  kernels: readonly Kernel[],
  subjects: readonly Subject[],
  work: string,
): Promise<CellResult[]> {
  if (kernels.length === 0 || subjects.length === 0) return [];
  const memory = await Memory.open(passedAfter());
  const disk = await diskOf(subjects, work);
  const results: CellResult[] = [];
  const queue = [...kernels];
  const worker = async () => {
    for (let kernel = queue.shift(); kernel !== undefined; kernel = queue.shift()) {
      const known = subjects.flatMap((subject) => memory.recall(subject, kernel) ?? []);
      const due = subjects.filter(
        (subject, index) =>
          memory.recall(subject, kernel) === undefined &&
          isTurn(index, kernels.indexOf(kernel), kernels.length),
      );
      results.push(...known);
      if (known.length > 0) say(`${kernel.version}: ${known.length} cells are unchanged since they passed`);
      if (due.length === 0) continue;
      const { results: fresh, summary } = await runOnKernel(kernel, due, disk);
      results.push(...fresh);
      for (const [i, subject] of due.entries()) await memory.keep(subject, kernel, fresh[i] as CellResult);
      say(`${kernel.version}: ${count(fresh)} (${summary})`);
      sayFailed(fresh);
    }
  };
  await Promise.all(Array.from({ length: arch === ownArch() ? GUESTS : FOREIGN_GUESTS }, worker));
  return results;
}

/** Whether a template is run today on a kernel between the oldest and the newest, of which --half asks for half. */
function isTurn(template: number, kernel: number, count: number): boolean {
  const day = Math.floor(Date.now() / 86_400_000);
  return !values.half || kernel === 0 || kernel === count - 1 || (template + kernel + day) % 2 === 0;
}

/** From when on a cell that passed needs no other run, in milliseconds. */
function passedAfter(): number {
  if (values.since !== undefined) return Number(values.since) * 1000;
  return process.env.CI || values.all ? Number.POSITIVE_INFINITY : 0;
}

function count(results: readonly CellResult[]): string {
  const of = (kind: CellResult["result"]) => results.filter((r) => r.result === kind).length;
  return `${of("pass")} pass, ${of("declared")} declared, ${of("fail")} fail`;
}

function sayFailed(results: readonly CellResult[]): void {
  for (const cell of results.filter((r) => r.result === "fail")) {
    say(`FAIL ${cell.template} on ${cell.kernel}: ${cell.reason}`);
  }
}

function report(results: readonly CellResult[], begun: number): void {
  sayFailed(results);
  say(`${count(results)} in ${Math.round((performance.now() - begun) / 1000)} s`);
  if (values.json) process.stdout.write(`${JSON.stringify({ cells: results })}\n`);
}

async function writeTable(
  results: readonly CellResult[],
  kernels: readonly Kernel[],
  name: string,
): Promise<void> {
  const columns = kernels.map((kernel) => ({
    version: kernel.version,
    title:
      kernel.packages.map((p) => `${p.name} ${p.version}`).join(", ") +
      (kernel.note ? ` (${kernel.note})` : ""),
  }));
  const guests = results.filter((result) => result.kernel !== "host");
  const docs = resolve(import.meta.dirname, "../../docs");
  await mkdir(docs, { recursive: true });
  await writeFile(join(docs, name), page(guests, columns, arch));
}
