import { autocomplete, confirm, isCancel, log, select, text } from "@clack/prompts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { findTemplate, listTemplates, type Template } from "../../toolchain/src/base/template.ts";
import { which } from "../../toolchain/src/base/which.ts";
import { ORIGIN_NAMES, type OriginName } from "../../vendor/origin-names.ts";
import { type Answers, DEFAULT_DIR, DEFAULT_TEMPLATE, defaultManager, examine } from "./answers.ts";
import { appPath } from "./app-path.ts";
import { grouped } from "./groups.ts";
import { MANAGER_NAMES, type Manager, type ManagerName } from "./managers.ts";
import type { Options } from "./options.ts";
import type { Places } from "./places.ts";
import { findRepository } from "./repository.ts";
import { inspectTarget } from "./target.ts";
import { createWords } from "./words.ts";

// The questions are drawn by clack, and so they are the one thing that is not printed by report.ts.

/**
 * Asks at the terminal for what no option has said.
 * @throws Failure interrupted, unknown-template; and what looking at the folder throws
 */
export async function ask(options: Options, places: Places, signal: AbortSignal): Promise<Answers> {
  const dir = options.dir ?? (await askDir(options.force, signal));
  const template =
    options.template === undefined
      ? await askTemplate(await listTemplates(places.templates), signal)
      : await findTemplate(places.templates, options.template);
  const manager = await examine(options.manager ?? (await askManager(signal)), signal);
  const vendor = options.vendor ?? (await askVendor(places, signal));
  // A folder in which no app can be made is refused before it is asked what to do there.
  const target = inspectTarget(appPath(dir), options.force);
  const git = options.git ?? (await askGit(await findRepository(undefined, target, signal), signal));
  const install = options.install ?? (await askInstall(manager, signal));
  return { dir, template, manager, vendor, git, install };
}

/** The answer, or the failure that ^C and a signal are. */
async function answer<T>(question: Promise<T>, signal: AbortSignal): Promise<Exclude<T, symbol>> {
  const value = await question;
  signal.throwIfAborted();
  if (isCancel(value)) throw new Failure("create", { kind: "interrupted", signal: "SIGINT" });
  return value as Exclude<T, symbol>;
}

async function askDir(force: boolean, signal: AbortSignal): Promise<string> {
  const question = text({
    message: "Folder of the app",
    placeholder: DEFAULT_DIR,
    defaultValue: DEFAULT_DIR,
    validate: (typed) => complaint(typed || DEFAULT_DIR, force),
    signal,
  });
  return answer(question, signal);
}

/** Why no app can be made in a folder, if none can. */
function complaint(dir: string, force: boolean): string | undefined {
  try {
    inspectTarget(appPath(dir), force);
    return undefined;
  } catch (error) {
    if (!(error instanceof Failure) || error.layer !== "create") throw error;
    const { what, why } = createWords((error as Failure<"create">).failure);
    return why ? `${what} ${why}` : what;
  }
}

async function askTemplate(templates: readonly Template[], signal: AbortSignal): Promise<Template> {
  const question = autocomplete<string>({
    message: "Template, and the oldest Linux it runs on",
    options() {
      const all = rows(templates, this.userInput);
      // Once one is taken, it stands alone and in no table.
      return this.state === "submit" ? all.map(({ value }) => ({ value })) : all;
    },
    initialValue: DEFAULT_TEMPLATE,
    placeholder: "type to search by name, group or program type",
    maxItems: 12,
    signal,
  });
  const name = await answer(question, signal);
  const found = templates.find((template) => template.name === name);
  // Enter, while nothing matches, gives no answer.
  return found ?? askTemplate(templates, signal);
}

/** The templates that match what was typed, a line each; the first of a group names the group. */
function rows(templates: readonly Template[], typed: string): { value: string; label: string }[] {
  const words = typed.trim().toLowerCase().split(/\s+/);
  const groups = [...grouped(templates)];
  const width = Math.max(...groups.map(([group]) => group.length));
  const column = Math.max(...templates.map(({ name }) => name.length));
  return groups.flatMap(([group, members]) => {
    const matching = members.filter((template) => {
      const { name, title, teaches, programs, kernel } = template;
      const all = [group, name, title, teaches, kernel, ...programs].join(" ").toLowerCase();
      return words.every((word) => all.includes(word));
    });
    return matching.map(({ name, title, kernel }, at) => ({
      value: name,
      label: fit(
        `${(at === 0 ? group : "").padEnd(width)}  ${name.padEnd(column)}  ≥ ${kernel.padEnd(5)} ${title}`,
      ),
    }));
  });
}

/** Cuts a line that would not fit beside clack's frame. */
function fit(line: string): string {
  const width = Math.max(40, (process.stdout.columns || 80) - 8);
  return line.length > width ? `${line.slice(0, width - 1)}…` : line;
}

async function askManager(signal: AbortSignal): Promise<ManagerName> {
  const question = select<ManagerName>({
    message: "Package manager",
    options: MANAGER_NAMES.map((value) => ({
      value,
      label: value,
      ...(isInstalled(value) ? {} : { hint: "not installed" }),
    })),
    initialValue: defaultManager(),
    signal,
  });
  return answer(question, signal);
}

function isInstalled(name: ManagerName): boolean {
  return which(name, process.env.PATH ?? "") !== undefined;
}

/** What each choice of origins is good for. */
const ORIGINS: readonly {
  readonly value: string;
  readonly names: readonly OriginName[];
  readonly hint: string;
}[] = [
  { value: "auto", names: ORIGIN_NAMES, hint: `the first that delivers: ${ORIGIN_NAMES.join(", ")}` },
  { value: "git", names: ["git"], hint: "the forge, at the pinned commits" },
  { value: "bundled", names: ["bundled"], hint: "this package has them; no network" },
  { value: "pool,index", names: ["pool", "index"], hint: "Debian's archive" },
];

async function askVendor({ bundle }: Places, signal: AbortSignal): Promise<readonly OriginName[]> {
  const question = select<string>({
    message: "Where libbpf, bpftool, libelf and zlib come from",
    options: ORIGINS.filter(({ value }) => value !== "bundled" || bundle !== undefined).map(
      ({ value, hint }) => ({ value, label: value, hint }),
    ),
    initialValue: "auto",
    signal,
  });
  const value = await answer(question, signal);
  return ORIGINS.find((one) => one.value === value)?.names ?? ORIGIN_NAMES;
}

async function askGit(
  found: Awaited<ReturnType<typeof findRepository>>,
  signal: AbortSignal,
): Promise<boolean> {
  const message = {
    new: "Make a git repository with a first commit?",
    existing: "Commit it to the repository that is there?",
    outer: "Make a git repository of its own? The folder lies inside of another repository.",
    none: "Make a git repository? git is not installed here.",
  }[found];
  const initialValue = found === "new" || found === "existing";
  return answer(confirm({ message, initialValue, signal }), signal);
}

async function askInstall(manager: Manager, signal: AbortSignal): Promise<boolean> {
  if (!isInstalled(manager.name)) {
    log.warn(
      `${manager.name} is not installed here, so the packages are not either. To get it: ${manager.get}`,
    );
    return false;
  }
  return answer(confirm({ message: `Install the packages now (${manager.install})?`, signal }), signal);
}
