import type { Wording } from "../base/wording.ts";
import type { BundleFailure } from "./failures.ts";

export function bundleWords(f: BundleFailure): Wording {
  return { what: `${f.entry} cannot be bundled.`, why: f.text, next: "Correct the source named above." };
}
