import { vendorWords } from "../../../vendor/words.ts";
import { Failure, type Failures, type Layer } from "../base/failure.ts";
import { bugText, type Wording, wordingText } from "../base/wording.ts";
import { commandWords, templateWords } from "../base/words.ts";
import { btfWords } from "../btf/words.ts";
import { bundleWords } from "../bundle/words.ts";
import { configWords } from "../config/words.ts";
import { elfWords } from "../elf/words.ts";
import { hostWords } from "../host/words.ts";
import { runWords } from "../run/words.ts";
import { seaWords } from "../sea/words.ts";
import { skeletonWords } from "../skeleton/words.ts";
import { cliWords } from "./words.ts";

/** Every layer whose failures can reach bpf-app. Those of `create` belong to the program that makes apps. */
type Worded = Exclude<Layer, "create">;

const WORDS: { readonly [L in Worded]: (failure: Failures[L]) => Wording } = {
  command: commandWords,
  template: templateWords,
  vendor: vendorWords,
  config: configWords,
  host: hostWords,
  run: runWords,
  elf: elfWords,
  btf: btfWords,
  skeleton: skeletonWords,
  bundle: bundleWords,
  sea: seaWords,
  cli: cliWords,
};

/** What an error says to a person. Undefined for an error that is a fault of ours, whose stack should be printed. */
export function wording(error: unknown): Wording | undefined {
  if (!(error instanceof Failure) || error.layer === "create") return undefined;
  // A failure always belongs to its layer; the compiler cannot follow that from the one field to the other.
  return say(error.layer, error.failure as Failures[Worded]);
}

function say<L extends Worded>(layer: L, failure: Failures[L]): Wording {
  return WORDS[layer](failure);
}

/** The text of an error for standard error. */
export function errorText(error: unknown): string {
  const said = wording(error);
  return said ? wordingText("bpf-app", said) : bugText("bpf-app", error);
}
