import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { readProvenance, type SourceRecord } from "../../../vendor/provenance.ts";
import type { LibrarySource } from "./about.ts";

/** What is linked into addons. bpftool is not: it only helps to build. */
export const LIBRARIES = ["libbpf", "libelf", "zlib"] as const;

export type LibraryName = (typeof LIBRARIES)[number];

/** Their licences as upstream says them, for sources whose record is gone. */
export const LICENCES: Readonly<Record<LibraryName, string>> = {
  libbpf: "LGPL-2.1-only OR BSD-2-Clause",
  libelf: "LGPL-3.0-or-later OR GPL-2.0-or-later",
  zlib: "Zlib",
};

/**
 * What is known of the libraries in vendor/, by name: the record of their origin, as long as they are what it says.
 *
 * @param root - the app's folder
 * @throws Failure provenance-invalid
 */
export async function vendoredLibraries(root: string): Promise<Record<LibraryName, LibrarySource>> {
  const recorded = existsSync(join(root, "vendor/origins.json")) ? (await readProvenance(root)).sources : {};
  const one = (name: LibraryName) => library(root, name, recorded[name]);
  return { libbpf: one("libbpf"), libelf: one("libelf"), zlib: one("zlib") };
}

/** The sources may have been moved since they were vendored: what they say of themselves is stronger than the record. */
function library(root: string, name: LibraryName, record: SourceRecord | undefined): LibrarySource {
  const folder = join(root, "vendor", name);
  const own = ownVersion(folder, name);
  const kernelCommit = name === "libbpf" ? checkpoint(folder) : undefined;
  const kernel = kernelCommit === undefined ? {} : { kernelCommit };
  const head = checkedOut(folder);
  const same =
    record !== undefined &&
    (own === undefined || `${record.version}.`.startsWith(`${own}.`)) &&
    (head === undefined || record.commit === head);
  if (!same) {
    return {
      version: own ?? record?.version ?? "unknown",
      ...(head ? { origin: "git", commit: head } : {}),
      ...kernel,
    };
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
    ...kernel,
    ...(url === undefined ? {} : { url }),
    ...(from === undefined ? {} : { package: from }),
    ...(files === undefined ? {} : { files: files.map(({ name, sha256 }) => ({ name, sha256 })) }),
  };
}

/** The version in the source's own header; undefined where it has none, as libelf's extract. */
function ownVersion(folder: string, name: LibraryName): string | undefined {
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

/** libbpf is developed in the kernel's tree, and its repository notes up to which commit it has what is there. */
function checkpoint(folder: string): string | undefined {
  const path = join(folder, "CHECKPOINT-COMMIT");
  const text = existsSync(path) ? readFileSync(path, "latin1").trim() : "";
  return /^[0-9a-f]{40}$/.test(text) ? text : undefined;
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
