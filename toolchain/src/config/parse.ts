import { split } from "shlex";
import { ARCHES, archOf } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import type { Setting, Value } from "./settings.ts";

/** What a setting of each type takes, in words for messages. */
export const EXPECTED: Readonly<Record<Setting["type"], string>> = {
  text: "one line of text",
  flags: "words, split and quoted as in a shell",
  command: "a program, with arguments if wanted, split and quoted as in a shell",
  switch: "0 or 1",
  arch: Object.values(ARCHES)
    .flatMap(({ node, aliases }) => [node, ...aliases])
    .join(", "),
};

/**
 * Parses the value of a setting from a text that stands on the command line, in the environment or in the file.
 * @throws Failure bad-setting
 */
export function parseValue(setting: Setting, text: string): Value {
  const value = parse(setting.type, text);
  if (value !== undefined) return value;
  const { word: name, type } = setting;
  throw new Failure("config", { kind: "bad-setting", name, value: text, expected: EXPECTED[type] });
}

function parse(type: Setting["type"], text: string): Value | undefined {
  switch (type) {
    case "text":
      return text.includes("\n") ? undefined : text;
    case "switch":
      return { 0: false, 1: true }[text];
    case "arch":
      // As with make, a setting without a value stands for its default.
      return text === "" ? "" : archOf(text)?.node;
    case "flags":
      return splitWords(text);
    case "command":
      return splitWords(text)?.length ? splitWords(text) : undefined;
  }
}

/** Splits a text into words as a shell does, at blanks, with single and double quotes and backslashes. */
export function splitWords(text: string): string[] | undefined {
  try {
    return split(text);
  } catch {
    // A quotation mark has no partner.
    return undefined;
  }
}
