import { quote } from "shlex";
import { argText, type Step } from "../plan/step.ts";

/** The command of a step with its final paths. It does the same when it is pasted into a shell in the app's folder. */
export function commandLine(step: Step): string {
  const words = step.argv.map((arg) => argText(arg));
  if (words[0] === "bpf-app") words[0] = "node_modules/.bin/bpf-app";
  const env = Object.entries(step.env ?? {}).map(([name, value]) => `${name}=${quote(value)}`);
  const redirect = step.stdout ? [">", quote(step.stdout)] : [];
  return [...env, ...words.map(quote), ...redirect].join(" ");
}
