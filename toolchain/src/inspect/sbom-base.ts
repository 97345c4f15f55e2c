// The part of a bill of materials that a build knows. What is read off the finished file is added when it is printed
// (sbom.ts): the library that this is made with is larger than all that answers in a file.
import * as Contrib from "@cyclonedx/cyclonedx-library/Contrib";
import * as Enums from "@cyclonedx/cyclonedx-library/Enums";
import * as Models from "@cyclonedx/cyclonedx-library/Models";
import * as Serialize from "@cyclonedx/cyclonedx-library/Serialize";
import * as Spec from "@cyclonedx/cyclonedx-library/Spec";
import type { PackageJson } from "./collect-notices.ts";
import type { Materials } from "./materials.ts";
import { libraryComponent, licences, nodeComponent, purl } from "./sbom-parts.ts";
import type { LibraryName } from "./vendored.ts";

const { Component } = Models;
const { ComponentType } = Enums;

const references = new Contrib.FromNodePackageJson.Factories.ExternalReferenceFactory();
const packages = new Contrib.FromNodePackageJson.Builders.ComponentBuilder(references, licences);

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
