import { split } from "shlex";
import { Failure } from "../base/failure.ts";
import type { Setting, Value } from "./settings.ts";

/** What each type of setting takes, for people. */
export const EXPECTED: Readonly<Record<Setting["type"], string>> = {
  text: "one line of text",
  flags: "words, split and quoted as in a shell",
  command: "a program, with arguments if wanted, split and quoted as in a shell",
  switch: "0 or 1",
};

/**
 * The value of a setting out of a text, which comes from the command line, the environment or the file.
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
    case "flags":
      return words(text);
    case "command":
      return words(text)?.length ? words(text) : undefined;
  }
}

/** Words as a shell splits them: blanks, single and double quotes, backslash. */
function words(text: string): string[] | undefined {
  try {
    return split(text);
  } catch {
    // A quotation without an end.
    return undefined;
  }
}
