import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { shell } from "../run/workshop.ts";

/** Writes in two goes, so that a kill in between leaves half a file. */
const halves = (from: string, to: string) => `{ printf "half "; cat ${from}; printf "whole\\n"; } > ${to}`;

/**
 * A plan of every kind of step: one output and several, a folder, a dependency file, standard output, a tool made on
 * the way, a large file, results that apps share.
 */
export const toyPlan: readonly Step[] = [
  shell(
    "lib",
    ["lib/"],
    ["o/lib.a", "o/inc/"],
    `${halves("lib/*", '"$1"')}; cp lib/* "$2"; cat "$1" > "$2/all.h"`,
    { shared: true },
  ),
  shell("tool", ["src/tool"], ["o/tool"], '{ echo "#!/bin/sh"; cat src/tool; } > "$1"; chmod 755 "$1"'),
  shell(
    "object",
    ["src/main", "o/inc/"],
    ["o/object"],
    `${halves("src/main src/header o/inc/all.h", '"$1"')}; echo "o: src/header" > "$2"`,
    { depfile: "o/object.d" },
  ),
  shell(
    "several",
    ["o/object", "src/main"],
    ["o/s1", "o/s2", "o/s3"],
    'for f in "$1" "$2" "$3"; do cat o/object src/main > "$f"; done',
  ),
  {
    ...shell("captured", ["o/tool", "o/s2"], ["o/captured"], "", { stdout: "o/captured" }),
    argv: ["o/tool", "o/s2"],
  },
  shell(
    "large",
    ["src/other"],
    ["o/large"],
    'for n in 1 2 3 4; do head -c 400000 /dev/zero; cat src/other; done > "$1"',
    { shared: true },
  ),
  shell(
    "link",
    ["o/large", "o/captured", "o/s1", "o/s3", "o/lib.a"],
    ["dist/app"],
    'cat o/large o/captured o/s1 o/s3 o/lib.a > "$1"; chmod 755 "$1"',
  ),
];

/** The sources of the plan in one of several versions. */
export function writeSources(root: string, version: number): void {
  const files = {
    "lib/a": `lib a ${version >> 2}\n`,
    "lib/b": "lib b\n",
    "src/tool": 'cat "$@"\n',
    "src/main": `main ${version}\n`,
    "src/header": `header ${version >> 1}\n`,
    "src/other": `other ${version & 1}\n`,
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
}

/**
 * One text for all files below some folders, without those of the engine. Two texts are equal if the names, the modes
 * and the bytes of the files are.
 */
export function digest(root: string, folders: readonly string[]): string {
  return folders.flatMap((folder) => listing(root, folder)).join("\n");
}

function listing(root: string, folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => name !== ".bpf-app")
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return listing(root, path);
      if (entry.isSymbolicLink()) return [`${path} -> ${readlinkSync(join(root, path))}`];
      const { mode } = statSync(join(root, path));
      const hash = createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest("hex");
      return [`${path} ${mode.toString(8)} ${hash}`];
    });
}

export function removeOutputs(root: string, folders: readonly string[]): void {
  for (const folder of folders) rmSync(join(root, folder), { recursive: true, force: true });
}
