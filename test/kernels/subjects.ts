import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Arch } from "../../toolchain/src/base/arch.ts";
import { listTemplates, type Template } from "../../toolchain/src/base/template.ts";
import { type Disk, makeDisk } from "../../toolchain/src/guest/disk.ts";
import type { GuestCell } from "../../toolchain/src/guest/run-guest.ts";
import { type Built, buildScaffolder, buildTemplate, compileHelper, helperName } from "./build.ts";
import type { TemplateCheck } from "./check.ts";
import type { CellResult, Claims } from "./judge.ts";

/** A template, built, with how it proves itself. */
export interface Subject {
  readonly template: Template & Claims;
  readonly check: TemplateCheck;
  readonly built: Built;
  /** The files of the check's helper programs, by name. */
  readonly helpers: Readonly<Record<string, string>>;
  /** A hash of everything, except the kernel, that decides what the cell does. */
  readonly hash: string;
}

const HERE = import.meta.dirname;
const TEMPLATES = join(HERE, "../../templates");
const GUEST = join(HERE, "../../toolchain/src/guest");

/** Builds the named templates, or all, for an architecture. @throws Error naming those without a check */
export async function prepareSubjects(
  names: readonly string[] | undefined,
  work: string,
  arch: Arch,
  say: (line: string) => void,
): Promise<{ subjects: Subject[]; broken: CellResult[] }> {
  const all = await listTemplates(TEMPLATES);
  const unknown = names?.filter((name) => !all.some((t) => t.name === name)) ?? [];
  if (unknown.length > 0) throw new Error(`there is no template ${unknown.join(", ")}`);
  await buildScaffolder();
  const harness = await hashOfHarness();
  const wanted = all.filter((t) => names === undefined || names.includes(t.name));
  const results: (Subject | CellResult)[] = [];
  const make = async (at: number): Promise<void> => {
    const template = wanted[at] as Template;
    try {
      results[at] = await prepareSubject(template, { work, arch, harness }, say);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      results[at] = { template: template.name, kernel: "build", result: "fail", reason };
      say(`${template.name}: not built`);
    }
  };
  // The first one is built alone, because the others use the packages that it installs and the libraries that it
  // compiles.
  if (wanted.length > 0) await make(0);
  const rest = wanted.map((_, at) => at).slice(1);
  const worker = async () => {
    for (let at = rest.shift(); at !== undefined; at = rest.shift()) await make(at);
  };
  await Promise.all([worker(), worker()]);
  return {
    subjects: results.filter((one): one is Subject => "built" in one),
    broken: results.filter((one): one is CellResult => !("built" in one)),
  };
}

async function prepareSubject(
  template: Template & Claims,
  { work, arch, harness }: { readonly work: string; readonly arch: Arch; readonly harness: string },
  say: (line: string) => void,
): Promise<Subject> {
  const check = await loadCheck(template.name);
  const built = await buildTemplate(template.name, work, arch);
  const helpers: Record<string, string> = {};
  for (const [name, source] of Object.entries(check.programs ?? {})) {
    helpers[helperName(name)] = await compileHelper(
      name,
      source,
      join(work, ".helpers", template.name),
      arch,
    );
  }
  const parts = [harness, await hashFile(built.file), await hashFile(checkFile(template.name))];
  const claims = JSON.stringify([template.kernel, template.declared]);
  const hash = createHash("sha256").update(parts.join()).update(claims).digest("hex");
  const { scaffold, install, build } = built.ms;
  say(
    `${template.name}: generated in ${seconds(scaffold)}, installed in ${seconds(install)}, built in ${seconds(build)}`,
  );
  return { template, check, built, helpers, hash };
}

/** Milliseconds as a reader wants them. */
export function seconds(ms: number): string {
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
  for (const folder of [HERE, GUEST])
    for (const name of (await readdir(folder, { recursive: true })).sort()) {
      if (/\.(ts|c|sh)$/.test(name) && !name.startsWith("cells/"))
        hash.update(await readFile(join(folder, name)));
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

/** The cell of a subject whose files lie in `folder`. */
export function cellOf({ template, check }: Subject, folder: string, file: string): GuestCell {
  const { args = [], env = {}, judge: _, programs: __, notOnHost: ___, ...rest } = check;
  return { ...rest, name: template.name, argv: [file, ...args], env: { ...env, APP_DIR: folder, APP: file } };
}
