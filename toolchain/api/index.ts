/**
 * The public API, written down: a report of each entry point's signatures in docs/api/, in which a change shows, and a
 * reference in docs/reference/, made of the comments. `npm run api` writes both, from what `npm run build` has made; a
 * test fails while they differ from it.
 */
import { join } from "node:path";
import { writePages } from "../../docs/make/pages.ts";
import { extract } from "./extract.ts";
import { reference } from "./reference.ts";
import { settingsSection } from "./settings.ts";

const ROOT = join(import.meta.dirname, "../..");

/** `bpf-app/generated` is no API: it may change with every version. */
const ENTRIES = [
  { name: "bpf-app", page: "config", types: "dist/types/config/index.d.ts", forgotten: true },
  { name: "bpf-app/runtime", page: "runtime", types: "dist/types/runtime/index.d.ts" },
  { name: "bpf-app/testing", page: "testing", types: "dist/types/testing/index.d.ts" },
];

export interface Documents {
  /** What the files should hold, by their paths from the project's folder. */
  readonly files: Readonly<Record<string, string>>;
  /** What is wrong with the API itself. */
  readonly problems: readonly string[];
}

/** What is to be written, from the declarations in toolchain/dist/types. */
export function documents(): Documents {
  const files: Record<string, string> = {};
  const problems: string[] = [];
  for (const { name, page, ...entry } of ENTRIES) {
    const found = extract({ folder: join(ROOT, "toolchain"), ...entry });
    files[`docs/api/${page}.api.md`] = found.report;
    const more = page === "config" ? `\n${settingsSection()}` : "";
    files[`docs/reference/${page}.md`] = `${reference(name, found.api)}${more}`;
    problems.push(...found.problems);
  }
  return { files, problems };
}

if (import.meta.main) {
  const made = documents();
  writePages(made.files);
  for (const problem of made.problems) console.error(`toolchain/${problem}`);
  process.exitCode = made.problems.length === 0 ? 0 : 1;
}
