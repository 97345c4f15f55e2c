import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import type { Tool } from "./tool.ts";

/**
 * The app's own TypeScript, by the script that starts it; undefined if the app has none. The package's description tells
 * one version from another: what the script starts, and the declarations of the language, belong to exactly that version.
 */
export function findTypeScript(root: string): Tool | undefined {
  try {
    const file = createRequire(join(root, "package.json")).resolve("typescript/package.json");
    const text = readFileSync(file, "utf8");
    const { version, bin } = JSON.parse(text) as { version: string; bin: { tsc: string } };
    const script = join(dirname(file), bin.tsc);
    const inside = relative(root, script);
    return {
      name: "tsc",
      path: inside.startsWith("..") ? script : inside,
      version,
      identity: createHash("sha256").update(text).digest("hex"),
    };
  } catch {
    return undefined;
  }
}
