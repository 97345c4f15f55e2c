import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { Tool } from "../../toolchain/src/host/tool.ts";
import type { Arg, Step } from "../../toolchain/src/plan/step.ts";
import type { RunEvent } from "../../toolchain/src/run/events.ts";
import type { RunFailure } from "../../toolchain/src/run/failures.ts";
import { type RunOptions, runPlan } from "../../toolchain/src/run/index.ts";

export const sh: Tool = { name: "sh", path: "/bin/sh", version: "sh", identity: "sh 1" };

/** What a build did. */
export interface Built {
  readonly events: readonly RunEvent[];
  /** Ids of the steps whose commands were run, in the order of their beginning. */
  readonly ran: readonly string[];
  readonly failure: RunFailure | undefined;
}

/** A folder to build in, removed when the test ends. */
export class Workshop {
  readonly root: string;
  readonly #first: (() => Promise<unknown>)[] = [];

  constructor(context: TestContext, root = mkdtempSync(join(tmpdir(), "bpf-app-run-"))) {
    this.root = root;
    context.after(async () => {
      for (const first of this.#first) await first();
      rmSync(root, { recursive: true, force: true });
    });
  }

  /** Has something end before the folder is removed: a build that goes on would make it again. */
  endFirst(end: () => Promise<unknown>): void {
    this.#first.push(end);
  }

  path(path: string): string {
    return join(this.root, path);
  }

  write(path: string, text: string | Uint8Array, mode?: number): void {
    mkdirSync(dirname(this.path(path)), { recursive: true });
    writeFileSync(this.path(path), text, mode === undefined ? {} : { mode });
  }

  read(path: string): string {
    return readFileSync(this.path(path), "utf8");
  }

  remove(path: string): void {
    rmSync(this.path(path), { recursive: true, force: true });
  }

  async build(steps: readonly Step[], options: Partial<RunOptions> = {}): Promise<Built> {
    const events: RunEvent[] = [];
    let failure: RunFailure | undefined;
    try {
      await runPlan(steps, {
        root: this.root,
        jobs: 2,
        actions: {},
        signal: new AbortController().signal,
        env: process.env,
        ...options,
        listener: (event) => {
          events.push(event);
          options.listener?.(event);
        },
      });
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      failure = error.failure as RunFailure;
    }
    const ran = events.flatMap((event) => (event.type === "start" ? [event.step.id] : []));
    return { events, ran, failure };
  }

  /** Builds, expects success, and returns the steps that ran. */
  async ran(steps: readonly Step[], options?: Partial<RunOptions>): Promise<readonly string[]> {
    const { ran, failure } = await this.build(steps, options);
    assert.equal(failure, undefined);
    return ran;
  }
}

/** A step that a shell script carries out; `$1`, `$2`, … are its outputs' (then its depfile's) paths. */
export function shell(
  id: string,
  inputs: readonly string[],
  outputs: readonly string[],
  script: string,
  more: Partial<Step> = {},
): Step {
  const places: Arg[] = [...outputs, ...(more.depfile ? [more.depfile] : [])].map((out) => ({ out }));
  const argv: Arg[] = ["sh", "-c", script, "sh", ...places];
  return { id, label: "SH", subject: id, inputs, outputs, argv, tools: [sh], ...more };
}

/** The part of a script that waits until there is a file, by its path in the folder. */
export function waitFor(path: string): string {
  return `while ! [ -e ${path} ]; do sleep 0.02; done`;
}

/** A step that writes its inputs one after the other. */
export function concat(
  id: string,
  inputs: readonly string[],
  output: string,
  more: Partial<Step> = {},
): Step {
  return shell(id, inputs, [output], `cat ${inputs.join(" ")} > "$1"`, more);
}

/** The reason a step was started for. */
export function reason({ events }: Built, id: string) {
  const start = events.find((event) => event.type === "start" && event.step.id === id);
  return start?.type === "start" ? start.reason : undefined;
}
