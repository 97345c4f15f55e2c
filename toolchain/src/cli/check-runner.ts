import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Failure } from "../base/failure.ts";
import type { Answer, ProgramResult } from "../verdict/protocol.ts";

/** The runner's file: in the package it lies beside the bundle, and in the repository where that is built. */
export function runnerFile(): string {
  const places = ["./check-runner.cjs", "../check-runner.cjs", "../../dist/check-runner.cjs"];
  const files = places.map((path) => fileURLToPath(new URL(path, import.meta.url)));
  return files.find(existsSync) ?? (files[0] as string);
}

/** What one run of the runner has found. */
export interface Found {
  /** The kernel, as `uname -r` prints it. */
  readonly release: string;
  readonly results: readonly ProgramResult[];
}

/** How the runner ended, and what it wrote. */
export interface RunnerOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit code, or the name of the signal that ended it; undefined if it never ran. */
  readonly ended: number | string | undefined;
}

/**
 * Reads what the runner wrote.
 * @throws Failure check-not-run if it ended before it was through
 */
export function readAnswers({ stdout, stderr, ended }: RunnerOutput): Found {
  const answers = stdout.split("\n").flatMap((line) => answer(line) ?? []);
  const release = answers.find((one) => one.type === "kernel")?.release;
  if (release === undefined || ended !== 0 || answers.at(-1)?.type !== "end")
    throw new Failure("cli", { kind: "check-not-run", ended, text: stderr.trim() || stdout.trim() });
  return { release, results: answers.flatMap((one) => (one.type === "program" ? [one.result] : [])) };
}

function answer(line: string): Answer | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line) as Answer;
  } catch {
    return undefined;
  }
}
