import { readFileSync } from "node:fs";
import type { Pins } from "../../vendor/pins.ts";

/** Source trees by pin name: a folder to copy, or files by path. */
export type Trees = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

/** What the project itself vendors. */
export function readProjectPins(): Pins {
  return JSON.parse(readFileSync(new URL("../../vendor/pins.json", import.meta.url), "utf8")) as Pins;
}
