import { constants } from "node:os";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import type { Template } from "../../toolchain/src/base/template.ts";
import { bugText, type WordsOf, wordingOf, wordingText } from "../../toolchain/src/base/wording.ts";
import { commandWords, templateWords } from "../../toolchain/src/base/words.ts";
import { writeErrorText } from "../../toolchain/src/base/write-error.ts";
import { vendorWords } from "../../vendor/words.ts";
import { grouped } from "./groups.ts";
import { doneJson, errorJson, planJson, templatesJson } from "./json.ts";
import type { Plan } from "./plan.ts";
import type { Done, Task } from "./scaffold.ts";
import { doneText, planText } from "./summary.ts";
import { createWords } from "./words.ts";

const PROGRAM = "create-bpf-app";

/** Every layer whose failures can reach create-bpf-app. */
const WORDS: WordsOf<"command" | "template" | "vendor" | "create"> = {
  command: commandWords,
  template: templateWords,
  vendor: vendorWords,
  create: createWords,
};

/** Says what happens and what was made. Apart from the questions, nothing else of create-bpf-app prints. */
export interface Report {
  text(text: string): void;
  note(line: string): void;
  templates(templates: readonly Template[]): void;
  /** @param only whether nothing else will be done */
  plan(plan: Plan, only: boolean): void;
  tasks(tasks: readonly Task[]): Promise<void>;
  /** @returns the exit status */
  done(done: Done): number;
  /** @returns the exit status */
  error(error: unknown): number;
}

/** For a person. */
export const textReport: Report = {
  text: (text) => print(`${text.trimEnd()}\n`),
  note: (line) => print(`${line}\n`),

  templates(templates) {
    const width = Math.max(...templates.map((template) => template.name.length));
    const row = (name: string, text: string) => print(`${name.padEnd(width)}  ${text}\n`);
    for (const [at, [group, members]] of [...grouped(templates)].entries()) {
      print(`${at > 0 ? "\n" : ""}${group}\n`);
      for (const { name, title, teaches, programs, kernel, config, capabilities } of members) {
        row(name, `${title} (${programs.join(", ")}; Linux ${kernel})`);
        row("", `  teaches: ${teaches}`);
        row("", `  needs: ${[...config.map((option) => `CONFIG_${option}`), ...capabilities].join(", ")}`);
      }
    }
  },

  plan: (plan, only) => print(`${planText(plan).join("\n")}\n${only ? "\nNothing was written.\n" : "\n"}`),

  async tasks(tasks) {
    // On a terminal without a width, as some build servers have, every letter would be on a line of its own.
    const { isTTY, columns } = process.stdout;
    if (isTTY && columns >= 40 && process.env.TERM !== "dumb") return runInTerminal(tasks);
    for (const task of tasks) {
      print(`${task.title}\n`);
      await task.run((line) => print(`  ${line}\n`));
    }
  },

  done(done) {
    print(`\n${doneText(done).join("\n")}\n`);
    return done.refused ? this.error(done.refused) : 0;
  },

  error(error) {
    const said = wordingOf(WORDS, error);
    process.stderr.write(said ? wordingText(PROGRAM, said) : bugText(PROGRAM, error));
    return statusOf(error);
  },
};

/** For a program: one JSON object, on standard output. */
export const jsonReport: Report = {
  text: (text) => print(`${text.trimEnd()}\n`),
  note: () => {},
  templates: (templates) => object({ ok: true, ...templatesJson(templates) }),
  plan: (plan, only) => {
    if (only) object({ ok: true, dryRun: true, ...planJson(plan) });
  },
  async tasks(tasks) {
    for (const task of tasks) await task.run(() => {});
  },
  done(done) {
    const { refused } = done;
    const error = refused && { error: errorJson(refused, wordingOf(WORDS, refused)) };
    object({ ok: !refused, ...doneJson(done), ...error });
    return refused ? statusOf(refused) : 0;
  },
  error(error) {
    object({ ok: false, error: errorJson(error, wordingOf(WORDS, error)) });
    return statusOf(error);
  },
};

/** Reports why standard output cannot be written, and returns the exit status. */
export function reportUnwritten(error: NodeJS.ErrnoException): number {
  process.stderr.write(writeErrorText(PROGRAM, error));
  return 1;
}

function statusOf(error: unknown): number {
  if (!wordingOf(WORDS, error)) return 70;
  return isFailure(error, "create") && error.failure.kind === "interrupted"
    ? 128 + constants.signals[error.failure.signal]
    : 1;
}

function print(text: string): void {
  process.stdout.write(text);
}

function object(value: object): void {
  print(`${JSON.stringify(value, null, 2)}\n`);
}

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
