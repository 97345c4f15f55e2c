import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { readProvenance, type SourceRecord } from "../../../vendor/provenance.ts";
import type { Action } from "../run/events.ts";
import type { About, LibrarySource } from "./about.ts";

declare const BPF_APP_VERSION: string | undefined;

/** What decides at run time which programs are loaded, and which maps are made. */
const ADAPTS = /\.(?:choose|setAutoload|setAutocreate|setType)\s*[(<]/;

/** What is linked into addons. bpftool is not: it only helps to build. */
const LIBRARIES = ["libbpf", "libelf", "zlib"] as const;

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
    libraries: await libraries(root),
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

async function libraries(root: string): Promise<Record<string, LibrarySource>> {
  const recorded = existsSync(join(root, "vendor/origins.json")) ? (await readProvenance(root)).sources : {};
  return Object.fromEntries(LIBRARIES.map((name) => [name, library(root, name, recorded[name])]));
}

/** The sources may have been moved since they were vendored: what they say of themselves is stronger than the record. */
function library(
  root: string,
  name: (typeof LIBRARIES)[number],
  record: SourceRecord | undefined,
): LibrarySource {
  const folder = join(root, "vendor", name);
  const own = ownVersion(folder, name);
  const head = checkedOut(folder);
  const same =
    record !== undefined &&
    (own === undefined || `${record.version}.`.startsWith(`${own}.`)) &&
    (head === undefined || record.commit === head);
  if (!same) {
    return { version: own ?? record?.version ?? "unknown", ...(head ? { origin: "git", commit: head } : {}) };
  }
  const { version } = record;
  const { origin, licence, commit, tag, url, suite, package: of, packageVersion, files } = record;
  const from = suite && of ? `${of} ${packageVersion ?? ""} of ${suite}`.replace("  ", " ") : undefined;
  return {
    version,
    licence,
    origin,
    ...(commit === undefined ? {} : { commit }),
    ...(tag === undefined ? {} : { tag }),
    ...(url === undefined ? {} : { url }),
    ...(from === undefined ? {} : { package: from }),
    ...(files === undefined ? {} : { files: files.map(({ name, sha256 }) => ({ name, sha256 })) }),
  };
}

/** The version in the source's own header; undefined where it has none, as libelf's extract. */
function ownVersion(folder: string, name: (typeof LIBRARIES)[number]): string | undefined {
  const find = (file: string, pattern: RegExp) => {
    const path = join(folder, file);
    return existsSync(path) ? pattern.exec(readFileSync(path, "latin1")) : null;
  };
  if (name === "zlib")
    return find("zlib.h", /#define ZLIB_VERSION "([^"]+)"/)?.[1]?.replace(/\.1-.*|-.*$/, "");
  if (name === "libelf") return undefined;
  const major = find("src/libbpf_version.h", /LIBBPF_MAJOR_VERSION (\d+)/)?.[1];
  const minor = find("src/libbpf_version.h", /LIBBPF_MINOR_VERSION (\d+)/)?.[1];
  return major === undefined || minor === undefined ? undefined : `${major}.${minor}`;
}

/** The commit that is checked out in a submodule: its HEAD is detached. Undefined in a folder that is none. */
function checkedOut(folder: string): string | undefined {
  const link = join(folder, ".git");
  try {
    const at = /^gitdir: (.*)/.exec(readFileSync(link, "latin1"))?.[1];
    const head = at && readFileSync(join(resolve(folder, at), "HEAD"), "latin1").trim();
    return head && /^[0-9a-f]{40}$/.test(head) ? head : undefined;
  } catch {
    // It is a folder of files, or a repository of its own.
    return undefined;
  }
}
