// node vendor/move.ts NAME TAG: pins another version of a vendored source. See README.md.
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pins } from "./pins.ts";

const path = join(import.meta.dirname, "pins.json");
const [name, tag] = process.argv.slice(2);
const text = readFileSync(path, "utf8");
const pins = JSON.parse(text) as Pins;
const pin = pins.sources.find((source) => source.name === name);
if (!pin || !tag) {
  console.error(
    `usage: node vendor/move.ts NAME TAG\nNAME is one of ${pins.sources.map((source) => source.name).join(", ")}.`,
  );
  process.exit(1);
}

const commit = commitOf(pin.url, tag);
if (!commit) {
  console.error(`${pin.url} has no tag ${tag}.`);
  process.exit(1);
}
// The text is edited rather than generated again, so that only two lines change.
writeFileSync(
  path,
  text.replace(
    `"tag": "${pin.tag}",\n      "commit": "${pin.commit}"`,
    `"tag": "${tag}",\n      "commit": "${commit}"`,
  ),
);
console.log(`${name}: ${pin.tag} (${pin.commit}) → ${tag} (${commit})`);

/** The commit that a tag names. For an annotated tag, which is an object of its own, the line with `^{}` has it. */
function commitOf(url: string, tag: string): string | undefined {
  const ref = `refs/tags/${tag}`;
  const lines = execFileSync("git", ["ls-remote", "--", url, ref, `${ref}^{}`], { encoding: "utf8" })
    .trim()
    .split("\n");
  const commits = new Map(lines.map((line) => line.split("\t").reverse() as [string, string]));
  return commits.get(`${ref}^{}`) ?? commits.get(ref);
}
