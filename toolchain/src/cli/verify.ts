import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { type Comparison, compare } from "../inspect/compare.ts";
import { type Inspection, inspectFile } from "../inspect/inspect.ts";
import { partsOf } from "../inspect/parts.ts";
import { seaElsewhere } from "../plan/sea.ts";
import { unchecked } from "../plan/types.ts";
import { build } from "./build.ts";
import { named } from "./inspect.ts";
import { prepare } from "./prepare.ts";
import type { Call } from "./verb.ts";

/** How an executable compares with what the app's sources give. */
export interface Verified extends Comparison {
  readonly file: string;
  readonly sha256: string;
  /** The sha256 of the rebuild. */
  readonly rebuilt: string;
}

/**
 * Compares an executable with a rebuild of the program that it says it is. dist/ stays as it is: the rebuild is made in
 * .output, as far as it is not up to date there, and removed after it was compared.
 *
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged, unknown-target; and what a build throws
 */
export async function verify(call: Call<{ readonly file: string }>): Promise<Verified> {
  const { root, folder, assignments, options } = call;
  const { file } = options;
  const typed = resolve(folder, file);
  const built = join(root, "dist", file);
  const path = !file.includes("/") && !existsSync(typed) && existsSync(built) ? built : typed;
  const name = named(folder, path);
  const inspection = await inspectFile(path, name);
  const prepared = await prepare(root, assignments);
  const target = inspection.about.name;
  const known = prepared.config.targets.map((one) => one.name);
  if (!known.includes(target)) throw new Failure("config", { kind: "unknown-target", name: target, known });
  const { id, out, steps } = seaElsewhere(unchecked(prepared.steps), target);
  const made = join(root, out);
  try {
    await build({ ...prepared, steps }, { targets: [target], upTo: "script", also: [id], toError: true });
    const again = await inspectFile(made, out);
    const [parts, others] = [await partsOf(path, name), await partsOf(made, out)];
    return said(inspection, again, compare({ inspection, parts }, { inspection: again, parts: others }));
  } finally {
    await rm(made, { force: true });
  }
}

function said(file: Inspection, rebuilt: Inspection, comparison: Comparison): Verified {
  return { file: file.file, sha256: file.sha256, rebuilt: rebuilt.sha256, ...comparison };
}
