import type { Inspection } from "../inspect/inspect.ts";
import type { Licences } from "../inspect/noted.ts";
import type { Sbom } from "../inspect/sbom.ts";
import { inspectText } from "./inspect.ts";
import { licencesText } from "./licences.ts";
import { colours, paintIf } from "./paint.ts";

/** What was asked of one file that was named, or of all that the app has built. */
export type Asked<T> = { readonly one: T } | { readonly all: readonly T[] };

/** What files are made of, the licences of that, or a bill of materials, which is of one file alone. */
export type Inspected =
  | { readonly inspected: Asked<Inspection> }
  | { readonly licences: Asked<Licences> }
  | { readonly sbom: Sbom };

/** The answer of `bpf-app inspect`, for people. */
export function inspectedText(found: Inspected): string {
  const paint = paintIf(colours());
  if ("sbom" in found) return `${JSON.stringify(found.sbom, null, 2)}\n`;
  if ("licences" in found) return listed(found.licences, (one) => licencesText(one, paint));
  return listed(found.inspected, (one) => inspectText(one, paint));
}

function listed<T>(asked: Asked<T>, text: (one: T) => string): string {
  return ("one" in asked ? [asked.one] : asked.all).map(text).join("\n");
}
