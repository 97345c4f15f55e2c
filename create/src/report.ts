import { constants } from "node:os";
import { relative } from "node:path";
import { quote } from "shlex";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import type { Template } from "../../toolchain/src/base/template.ts";
import { bugText, type WordsOf, wordingOf, wordingText } from "../../toolchain/src/base/wording.ts";
import { commandWords, templateWords } from "../../toolchain/src/base/words.ts";
import { writeErrorText } from "../../toolchain/src/base/write-error.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { originText, vendorWords } from "../../vendor/words.ts";
import { createWords } from "./words.ts";

/** A part of the work, as the user sees it. */
export interface Task {
  readonly title: string;
  /** `say` shows a line below the title, which stays there. */
  readonly run: (say: (line: string) => void) => Promise<void>;
}

/** What was made. */
export interface Done {
  /** The app's folder, absolute. */
  readonly target: string;
  readonly template: Template;
  readonly provenance: Provenance;
  /** Whether npm has installed the packages. */
  readonly installed: boolean;
  readonly repository: "none" | "committed" | "staged";
}

const PROGRAM = "create-bpf-app";

/** Every layer whose failures can reach create-bpf-app. */
const WORDS: WordsOf<"command" | "template" | "vendor" | "create"> = {
  command: commandWords,
  template: templateWords,
  vendor: vendorWords,
  create: createWords,
};

/** The only place of create-bpf-app that prints. */
export const report = {
  text(text: string): void {
    process.stdout.write(`${text.trimEnd()}\n`);
  },

  note(line: string): void {
    process.stdout.write(`${line}\n`);
  },

  templates(templates: readonly Template[]): void {
    const width = Math.max(...templates.map((template) => template.name.length));
    const row = (name: string, text: string) => process.stdout.write(`${name.padEnd(width)}  ${text}\n`);
    for (const { name, title, teaches, programs, kernel, config, capabilities } of templates) {
      row(name, `${title} (${programs.join(", ")}; Linux ${kernel})`);
      row("", `  teaches: ${teaches}`);
      row("", `  needs: ${[...config.map((option) => `CONFIG_${option}`), ...capabilities].join(", ")}`);
    }
  },

  async tasks(tasks: readonly Task[]): Promise<void> {
    // On a terminal without a width, as some build servers have, every letter would be on a line of its own.
    const { isTTY, columns } = process.stdout;
    if (isTTY && columns >= 40 && process.env.TERM !== "dumb") return runInTerminal(tasks);
    for (const task of tasks) {
      process.stdout.write(`${task.title}\n`);
      await task.run((line) => process.stdout.write(`  ${line}\n`));
    }
  },

  /** Reports an error and returns the exit status. */
  error(error: unknown): number {
    const said = wordingOf(WORDS, error);
    process.stderr.write(said ? wordingText(PROGRAM, said) : bugText(PROGRAM, error));
    if (!said) return 70;
    return isFailure(error, "create") && error.failure.kind === "interrupted"
      ? 128 + constants.signals[error.failure.signal]
      : 1;
  },

  /** Reports why standard output cannot be written, and returns the exit status. */
  unwritten(error: NodeJS.ErrnoException): number {
    process.stderr.write(writeErrorText(PROGRAM, error));
    return 1;
  },

  done(done: Done): void {
    process.stdout.write(`\n${summary(done).join("\n")}\n`);
  },
};

async function runInTerminal(tasks: readonly Task[]): Promise<void> {
  const { Listr } = await import("listr2");
  const list = new Listr(
    tasks.map((task) => ({
      title: task.title,
      task: (_: unknown, view: { output: string | undefined }) =>
        task.run((line) => {
          view.output = line;
        }),
      rendererOptions: { persistentOutput: true, outputBar: Number.POSITIVE_INFINITY },
    })),
    { registerSignalListeners: false, rendererOptions: { showErrorMessage: false, collapseErrors: false } },
  );
  await list.run();
}

function summary(done: Done): string[] {
  const near = relative(process.cwd(), done.target);
  const path = near.length < done.target.length ? near : done.target;
  const steps = [
    ...(path === "" ? [] : [`cd ${quote(path)}`]),
    ...(done.installed ? [] : ["npm install"]),
    "npm run build",
    `sudo ./dist/${done.template.name}`,
  ];
  return [
    `${done.template.title} is in ${path === "" ? "this folder" : quote(path)}.`,
    ...origins(done.provenance),
    ...(done.repository === "staged"
      ? ["Everything is staged but not committed, because git does not know your name yet."]
      : []),
    "",
    "Next:",
    ...steps.map((step) => `  ${step}`),
  ];
}

/** One sentence for each origin: `Vendored from git: libbpf 1.7.0, ….` */
function origins({ sources }: Provenance): string[] {
  const groups = new Map<string, string[]>();
  for (const [name, source] of Object.entries(sources)) {
    const { version, package: of } = source;
    const text = of && of !== name ? `${name} ${version} (${of})` : `${name} ${version}`;
    groups.set(originText(source), [...(groups.get(originText(source)) ?? []), text]);
  }
  return [...groups].map(([from, names]) => `Vendored from ${from}: ${names.join(", ")}.`);
}
