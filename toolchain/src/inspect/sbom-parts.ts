// The components of a bill of materials that are no packages of npm.
import * as Contrib from "@cyclonedx/cyclonedx-library/Contrib";
import * as Enums from "@cyclonedx/cyclonedx-library/Enums";
import * as Models from "@cyclonedx/cyclonedx-library/Models";
import { PackageURL } from "packageurl-js";
import parseExpression from "spdx-expression-parse";
import type { LibrarySource } from "./about.ts";
import type { Materials, NodePart } from "./materials.ts";
import type { LibraryName } from "./vendored.ts";

const { Component } = Models;
const { ComponentType, ExternalReferenceType } = Enums;
type Component = Models.Component;

/** Makes an identifier or an expression of SPDX of a text, or the name of a licence where it is neither. */
export const licences = new Contrib.License.Factories.LicenseFactory((text) => parseExpression(text));

/** The vendors and products by which lists of vulnerabilities know them (CPE), and where they are developed. */
const KNOWN: Readonly<
  Record<LibraryName | NodePart | "node", { cpe: string; repository: string; tag: string }>
> = {
  node: { cpe: "nodejs:node.js", repository: "nodejs/node", tag: "v" },
  libbpf: { cpe: "libbpf_project:libbpf", repository: "libbpf/libbpf", tag: "v" },
  libelf: { cpe: "elfutils_project:elfutils", repository: "arachsys/libelf", tag: "v" },
  zlib: { cpe: "zlib:zlib", repository: "madler/zlib", tag: "v" },
  openssl: { cpe: "openssl:openssl", repository: "openssl/openssl", tag: "openssl-" },
  uv: { cpe: "libuv:libuv", repository: "libuv/libuv", tag: "v" },
  v8: { cpe: "google:v8", repository: "v8/v8", tag: "" },
};

/** How the parts of Node are called, and under which licence they are. */
const PARTS: Readonly<Record<NodePart, readonly [name: string, licence: string]>> = {
  openssl: ["openssl", "Apache-2.0"],
  uv: ["libuv", "MIT"],
  v8: ["v8", "BSD-3-Clause"],
  zlib: ["zlib", "Zlib"],
};

/** Node, with what it is made of. */
export function nodeComponent({ version, sha256, package: from, parts }: Materials["node"]): Component {
  const node = new Component(ComponentType.Platform, "node", { version, ...identity("node", version) });
  node.licenses.add(licences.makeFromString("MIT"));
  node.externalReferences.add(vcs("node"));
  if (from !== undefined) {
    const reference = new Models.ExternalReference(
      purl("npm", from, version),
      ExternalReferenceType.Distribution,
    );
    node.externalReferences.add(reference);
  }
  // It is the sum of what was taken. In the file it has no symbols any more, and an app instead.
  if (sha256 !== undefined) node.hashes.set(Enums.HashAlgorithm["SHA-256"], sha256);
  for (const part of Object.keys(parts) as NodePart[]) {
    const own = parts[part];
    if (own === undefined) continue;
    const [name, licence] = PARTS[part];
    const inner = new Component(ComponentType.Library, name, {
      version: own,
      ...identity(part, own, "node:"),
    });
    inner.licenses.add(licences.makeFromString(licence));
    node.components.add(inner);
  }
  return node;
}

/** A library in vendor/; `sha256` is that of the archive that is linked. */
export function libraryComponent(
  name: LibraryName,
  source: Materials["libraries"][LibraryName],
  sha256: string,
): Component {
  const { version, licence, commit, url } = source;
  const component = new Component(ComponentType.Library, name, { version, ...libraryIdentity(name, source) });
  component.licenses.add(licences.makeFromString(licence));
  component.hashes.set(Enums.HashAlgorithm["SHA-256"], sha256);
  const comment = commit === undefined ? undefined : `commit ${commit}`;
  const repository = isElfutils(source) ? "https://sourceware.org/git/elfutils.git" : url;
  component.externalReferences.add(vcs(name, repository, comment));
  for (const file of source.files ?? []) component.externalReferences.add(archive(file));
  if (source.origin !== undefined) component.properties.add(property("origin", source.origin));
  if (commit !== undefined) component.properties.add(property("commit", commit));
  if (source.kernelCommit !== undefined)
    component.properties.add(property("kernel-commit", source.kernelCommit));
  if (source.package !== undefined) component.properties.add(property("package", source.package));
  return component;
}

/** libelf comes as an extract of its own repository, or as a folder of elfutils, which distributions package. */
function isElfutils({ files = [], package: from = "" }: LibrarySource): boolean {
  return [from, ...files.map(({ name }) => name)].some((text) => text.startsWith("elfutils"));
}

/** The tag or the commit names the very sources. A version that their header says is too coarse for that: `1.7`. */
function libraryIdentity(name: LibraryName, source: LibrarySource): ReturnType<typeof identity> {
  const { version, tag, commit } = source;
  const known = identity(name, version);
  const [namespace = "", product = ""] = KNOWN[name].repository.split("/");
  if (isElfutils(source)) return { ...known, purl: purl("generic", "elfutils", version) };
  if (tag !== undefined || commit !== undefined)
    return { ...known, purl: purl("github", product, tag ?? commit ?? "", namespace) };
  if (source.origin !== undefined) return known;
  return { ...known, purl: purl("github", product, "", namespace) };
}

/**
 * An archive of sources, with its sum. Files of Debian's names lie in Debian's pool, whoever delivered them, and every mirror
 * has them below that path.
 */
function archive({
  name,
  sha256,
}: {
  readonly name: string;
  readonly sha256: string;
}): Models.ExternalReference {
  const source = /^([a-z0-9][a-z0-9.+-]+)_[^/]+\.(?:orig|debian)\.tar\.[a-z0-9]+$/.exec(name)?.[1];
  const folder = source && (source.startsWith("lib") ? source.slice(0, 4) : source[0]);
  const url = source === undefined ? name : `pool/main/${folder}/${source}/${encodeURI(name)}`;
  const reference = new Models.ExternalReference(url, ExternalReferenceType.SourceDistribution, {
    comment: `the archive that it was compiled from${source === undefined ? "" : ", in the pool of any mirror of Debian"}`,
  });
  reference.hashes.set(Enums.HashAlgorithm["SHA-256"], sha256);
  return reference;
}

function vcs(name: keyof typeof KNOWN, url?: string, comment?: string): Models.ExternalReference {
  const where = url ?? `https://github.com/${KNOWN[name].repository}`;
  const more = comment === undefined ? {} : { comment };
  return new Models.ExternalReference(where, ExternalReferenceType.VCS, more);
}

/** How something that is no package of npm is named. A version that is not one of upstream's has no CPE. */
function identity(
  name: keyof typeof KNOWN,
  version: string,
  prefix = "",
): { purl?: string; cpe?: string; bomRef: string } {
  const { cpe, repository, tag } = KNOWN[name];
  const upstream = /^\d+(?:\.\d+)*$/.test(version);
  const [namespace = "", product = ""] = repository.split("/");
  const bomRef = `${prefix}${name}@${version}`;
  if (!upstream) return { bomRef };
  return {
    purl: purl("github", product, `${tag}${version}`, namespace),
    cpe: `cpe:2.3:a:${cpe}:${version}:*:*:*:*:*:*:*`,
    bomRef,
  };
}

/** A package URL (purl-spec). */
export function purl(type: string, name: string, version: string, namespace?: string): string {
  return new PackageURL(type, namespace, name, version || undefined, undefined, undefined).toString();
}

function property(name: string, value: string): Models.Property {
  return new Models.Property(`bpf-app:${name}`, value);
}
