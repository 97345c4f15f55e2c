import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Action } from "../run/events.ts";
import type { About } from "./about.ts";
import { vendoredLibraries } from "./vendored.ts";

declare const BPF_APP_VERSION: string | undefined;

/** What decides at run time which programs are loaded, and which maps are made. */
const ADAPTS = /\.(?:choose|setAutoload|setAutocreate|setType)\s*[(<]/;

/**
 * The action `bpf-app about NAME --node VERSION --arch ARCH [--skeleton NAME]… [--input PATH]… [--entry PATH]…`, whose text,
 * a file's asset about.json, goes to standard output. It depends on nothing but the files that are named and vendor/, and
 * has no date, so that it is reproducible.
 */
export const aboutAction: Action = async (args, { root }) => {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      node: { type: "string", default: "" },
      arch: { type: "string", default: process.arch },
      skeleton: { type: "string", multiple: true, default: [] },
      input: { type: "string", multiple: true, default: [] },
      entry: { type: "string", multiple: true, default: [] },
      sum: { type: "string", multiple: true, default: [] },
    },
  });
  const [name = ""] = positionals;
  const read = (path: string) => readFileSync(resolve(root, path));
  const version = appVersion(root);
  const inputs = [...values.input, ...values.entry].map((path) => [path, sha256(read(path))] as const);
  // Large files that no app changes are summed up once, by a step of their own.
  const sums = values.sum.map((word) => {
    const at = word.indexOf("=");
    return [
      word.slice(0, at),
      read(word.slice(at + 1))
        .toString("latin1")
        .trim(),
    ] as const;
  });
  const about: About = {
    format: 1,
    name,
    ...(version === undefined ? {} : { version }),
    node: values.node,
    arch: values.arch as About["arch"],
    bpfApp: typeof BPF_APP_VERSION === "string" ? BPF_APP_VERSION : "from sources",
    skeletons: [...values.skeleton].sort(),
    adapts: values.entry.some((path) => ADAPTS.test(read(path).toString("utf8"))),
    libraries: await vendoredLibraries(root),
    inputs: Object.fromEntries([...inputs, ...sums].sort(([a], [b]) => (a < b ? -1 : 1))),
  };
  return `${JSON.stringify(about, null, 1)}\n`;
};

/** The action `bpf-app sha256 PATH`, whose text goes to standard output. */
export const sha256Action: Action = async ([path = ""], { root }) =>
  `${sha256(readFileSync(resolve(root, path)))}\n`;

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function appVersion(root: string): string | undefined {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version?: unknown };
  return typeof version === "string" ? version : undefined;
}
