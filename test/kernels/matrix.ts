import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { release } from "node:os";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { listTemplates, type Template } from "../../create/src/template.ts";
import { type Built, buildTemplate, compileHelper } from "./build.ts";
import type { TemplateCheck } from "./check.ts";
import { type Disk, makeDisk } from "./disk.ts";
import { type GuestCell, runGuest } from "./guest.ts";
import { hostKernel, hostLacks, KPROBES, PATCHING, runOnHost } from "./host.ts";
import { type CellResult, type Claims, type Expected, expectedFailure, judge } from "./judge.ts";
import { cacheDir, type Kernel } from "./kernels.ts";
import type { CellRun } from "./protocol.ts";

/** A template, built, with how it proves itself. */
export interface Subject {
  readonly template: Template & Claims;
  readonly check: TemplateCheck;
  readonly built: Built;
  /** Name → file of the check's helper programs. */
  readonly helpers: Readonly<Record<string, string>>;
  /** Of everything that decides about the cell except the kernel. */
  readonly hash: string;
}

const HERE = import.meta.dirname;
const TEMPLATES = join(HERE, "../../templates");

/** Builds the named templates, or all, one after the other. @throws Error naming those without a check */
export async function prepareSubjects(
  names: readonly string[] | undefined,
  work: string,
  say: (line: string) => void,
): Promise<{ subjects: Subject[]; broken: CellResult[] }> {
  const all = await listTemplates(TEMPLATES);
  const unknown = names?.filter((name) => !all.some((t) => t.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no template ${unknown.join(", ")}`);
  const harness = await hashOfHarness();
  const subjects: Subject[] = [];
  const broken: CellResult[] = [];
  for (const template of all.filter((t) => names === undefined || names.includes(t.name))) {
    try {
      const check = await loadCheck(template.name);
      const built = await buildTemplate(template.name, work);
      const helpers: Record<string, string> = {};
      for (const [name, source] of Object.entries(check.programs ?? {})) {
        helpers[name] = await compileHelper(name, source, join(work, ".helpers", template.name));
      }
      const parts = [harness, await hashFile(built.file), await hashFile(checkFile(template.name))];
      const claims = JSON.stringify([template.kernel, template.declared]);
      const hash = createHash("sha256").update(parts.join()).update(claims).digest("hex");
      subjects.push({ template, check, built, helpers, hash });
      const { scaffold, install, build } = built.ms;
      say(`${template.name}: generated in ${s(scaffold)}, installed in ${s(install)}, built in ${s(build)}`);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      broken.push({ template: template.name, kernel: "build", result: "fail", reason });
      say(`${template.name}: ${reason}`);
    }
  }
  return { subjects, broken };
}

function s(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function checkFile(template: string): string {
  return join(HERE, "cells", `${template}.ts`);
}

async function loadCheck(template: string): Promise<TemplateCheck> {
  try {
    return (await import(checkFile(template))).default;
  } catch (error) {
    throw new Error(`test/kernels/cells/${template}.ts cannot be loaded: ${error}`);
  }
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

async function hashOfHarness(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(HERE, { recursive: true })).sort()) {
    if (/\.(ts|c|sh)$/.test(name) && !name.startsWith("cells/"))
      hash.update(await readFile(join(HERE, name)));
  }
  return hash.digest("hex");
}

/** One disk for all guests: every built file under its template's name, and the helpers. */
export async function diskOf(subjects: readonly Subject[], work: string): Promise<Disk> {
  const files: Record<string, string> = {};
  for (const { template, built, helpers } of subjects) {
    files[`${template.name}/${template.name}`] = built.file;
    for (const [name, file] of Object.entries(helpers)) files[`${template.name}/${name}`] = file;
  }
  return await makeDisk(files, join(work, "disk.img"));
}

function cellOf({ template, check }: Subject, folder: string, file: string): GuestCell {
  const { args = [], env = {}, judge: _, programs: __, notOnHost: ___, ...rest } = check;
  return { ...rest, name: template.name, argv: [file, ...args], env: { ...env, APP_DIR: folder, APP: file } };
}

/** Runs all subjects in one boot of a kernel. */
export async function runOnKernel(
  kernel: Kernel,
  subjects: readonly Subject[],
  disk: Disk,
): Promise<{ results: CellResult[]; summary: string }> {
  const lacks = new Set(kernel.modules.length === 0 ? ["no-modules"] : []);
  const cells = subjects.map((subject) => {
    const { name } = subject.template;
    return cellOf(subject, `/app/${name}`, `/app/${name}/${name}`);
  });
  const guest = await runGuest({ kernel, disk, cells });
  const results = subjects.map((subject) => {
    const run = guest.cells.find((cell) => cell.name === subject.template.name);
    const expected = expectedFailure(subject.template, kernel.version, lacks);
    return resultOf(subject, kernel.version, run, expected);
  });
  const boot = guest.splats.faults[0];
  if (boot !== undefined || !guest.finished) {
    // Nobody's cell in particular: the first one answers for it.
    const reason = boot
      ? `the kernel's console says: ${boot}`
      : `the guest died:\n${guest.console.slice(-2000)}`;
    const victim = results.findIndex((r) => r.result !== "fail");
    if (victim >= 0) results[victim] = { ...(results[victim] as CellResult), result: "fail", reason };
  }
  const inCells = guest.cells.reduce((sum, cell) => sum + cell.ms, 0);
  const slow = guest.splats.slow.length > 0 ? `, ${guest.splats.slow.length} signs of slowness` : "";
  return { results, summary: `${s(guest.ms)}, of which ${s(inCells)} in ${guest.cells.length} cells${slow}` };
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

/** Cells that passed before with the same content, for runs outside CI. */
export class Memory {
  readonly #file = join(cacheDir(), "passed.json");
  readonly #enabled: boolean;
  #passed: Record<string, CellResult> = {};

  private constructor(enabled: boolean) {
    this.#enabled = enabled;
  }

  static async open(enabled: boolean): Promise<Memory> {
    const memory = new Memory(enabled);
    memory.#passed = await readFile(memory.#file, "utf8").then(JSON.parse, () => ({}));
    return memory;
  }

  static key(subject: Subject, kernel: Kernel): string {
    const packages = kernel.packages.map((p) => `${p.name}=${p.version}`);
    return createHash("sha256")
      .update(JSON.stringify([subject.hash, packages, kernel.libraries]))
      .digest("hex");
  }

  recall(subject: Subject, kernel: Kernel): CellResult | undefined {
    return this.#enabled ? this.#passed[Memory.key(subject, kernel)] : undefined;
  }

  async keep(subject: Subject, kernel: Kernel, result: CellResult): Promise<void> {
    if (result.result === "fail") return;
    this.#passed[Memory.key(subject, kernel)] = result;
    await writeFile(this.#file, JSON.stringify(this.#passed));
  }
}
