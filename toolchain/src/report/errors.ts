import { words as createWords } from "../../../create/src/words.ts";
import { Failure } from "../base/failure.ts";
import { btfWords } from "./words/btf.ts";
import { cliWords } from "./words/cli.ts";
import { configWords } from "./words/config.ts";
import { hostWords } from "./words/host.ts";
import { runWords } from "./words/run.ts";
import { seaWords } from "./words/sea.ts";
import { skeletonWords } from "./words/skeleton.ts";
import type { Wording } from "./words/wording.ts";

/** Every layer's words. A failure's kind is worded by exactly one of them. */
type Words = (failure: never) => Wording | undefined;
const LAYERS: readonly Words[] = [
  configWords,
  hostWords,
  runWords,
  seaWords,
  btfWords,
  skeletonWords,
  cliWords,
  createWords,
];

/** What a person is told of an error; undefined for one that is a fault of ours, whose stack is wanted. */
export function wording(error: unknown): Wording | undefined {
  if (!(error instanceof Failure)) return undefined;
  for (const words of LAYERS) {
    const said = words(error.failure as never);
    if (said) return said;
  }
  return undefined;
}

/** The text for standard error. */
export function errorText(error: unknown): string {
  const said = wording(error);
  if (!said) {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `bpf-app: a fault of bpf-app itself; please report it with what follows.\n${stack}\n`;
  }
  const why = said.why ? `\n  ${indent(said.why)}` : "";
  return `bpf-app: ${said.what}${why}\n  ${indent(said.next)}\n`;
}

function indent(text: string): string {
  return text.replaceAll("\n", "\n  ");
}
