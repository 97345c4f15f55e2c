import type { Finding, State } from "../doctor/finding.ts";
import type { Paint } from "./paint.ts";

const COLOURS = { ok: "green", warn: "yellow", error: "red" } as const satisfies Readonly<
  Record<State, string>
>;
const MARK = 5;
/** What follows a finding stands under its detail, unless the subject is very long. */
const SUBJECT_MAX = 28;

/** Findings as a table: the state, what it is about, and what was found; below it why, and what to do. */
export function findingsText(findings: readonly Finding[], paint: Paint): string {
  const width = Math.min(SUBJECT_MAX, Math.max(0, ...findings.map(({ subject }) => subject.length)));
  const indent = " ".repeat(2 + MARK + 2 + width + 2);
  return findings
    .map(({ subject, state, detail, why, fix }) => {
      const mark = paint(COLOURS[state], state.padEnd(MARK));
      const head = `  ${mark}  ${subject.padEnd(width)}  ${detail}`.trimEnd();
      const more = [...lines(why), ...lines(fix).map((line) => `→ ${line}`)];
      return `${[head, ...more.map((line) => `${indent}${line}`.trimEnd())].join("\n")}\n`;
    })
    .join("");
}

function lines(text: string | undefined): string[] {
  return text === undefined ? [] : text.trimEnd().split("\n");
}
