import { vendorWords } from "../../../vendor/words.ts";
import type { Layer } from "../base/failure.ts";
import { bugText, type Wording, type WordsOf, wordingOf, wordingText } from "../base/wording.ts";
import { commandWords, templateWords } from "../base/words.ts";
import { btfWords } from "../btf/words.ts";
import { bundleWords } from "../bundle/words.ts";
import { configWords } from "../config/words.ts";
import { coreBtfWords } from "../core-btf/words.ts";
import { crossWords } from "../cross/words.ts";
import { elfWords } from "../elf/words.ts";
import { guestWords } from "../guest/words.ts";
import { hostWords } from "../host/words.ts";
import { icuWords } from "../icu/words.ts";
import { inspectWords } from "../inspect/words.ts";
import { runWords } from "../run/words.ts";
import { seaWords } from "../sea/words.ts";
import { skeletonWords } from "../skeleton/words.ts";
import { cliWords } from "./words.ts";

/** Every layer whose failures can reach bpf-app. Those of `create` belong to the program that makes apps. */
const WORDS: WordsOf<Exclude<Layer, "create">> = {
  command: commandWords,
  template: templateWords,
  vendor: vendorWords,
  config: configWords,
  host: hostWords,
  cross: crossWords,
  run: runWords,
  elf: elfWords,
  btf: btfWords,
  skeleton: skeletonWords,
  "core-btf": coreBtfWords,
  bundle: bundleWords,
  icu: icuWords,
  inspect: inspectWords,
  sea: seaWords,
  guest: guestWords,
  cli: cliWords,
};

/** What an error says to a person. Undefined for an error that is a fault of ours, whose stack should be printed. */
export function wording(error: unknown): Wording | undefined {
  return wordingOf(WORDS, error);
}

/** The text of an error for standard error. */
export function errorText(error: unknown): string {
  const said = wording(error);
  return said ? wordingText("bpf-app", said) : bugText("bpf-app", error);
}
