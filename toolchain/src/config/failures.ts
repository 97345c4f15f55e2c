/** What can be wrong with the app or with its settings. `words.ts` says it in words. */
export type ConfigFailure =
  | { readonly kind: "unknown-setting"; readonly name: string; readonly known: readonly string[] }
  | { readonly kind: "bad-setting"; readonly name: string; readonly value: string; readonly expected: string }
  /** `line` is that of the file in which the error arose, if it is known. */
  | {
      readonly kind: "config-unreadable";
      readonly path: string;
      readonly line?: number;
      readonly reason: string;
    }
  | { readonly kind: "not-an-app"; readonly root: string }
  /** The path of the app's folder has a character that no tool takes. */
  | { readonly kind: "path-unbuildable"; readonly root: string; readonly character: string }
  /** The app's package.json is no object in JSON. */
  | { readonly kind: "manifest-invalid"; readonly problem: string }
  | { readonly kind: "no-programs"; readonly root: string }
  | { readonly kind: "bad-program-name"; readonly name: string; readonly path: string }
  /** A line `// bpf-app: FLAGS` asks for a flag that a source may not set. */
  | {
      readonly kind: "bad-source-flag";
      readonly path: string;
      readonly line: number;
      readonly flag: string;
    }
  /** The file has settings for a program that does not exist. */
  | { readonly kind: "unknown-program"; readonly name: string; readonly known: readonly string[] }
  /** The file has the type of the events of a map that no source mentions. */
  | { readonly kind: "unknown-event-map"; readonly map: string; readonly known: readonly string[] }
  | { readonly kind: "unknown-target"; readonly name: string; readonly known: readonly string[] }
  /** What BTF names is not there; `path` is as it was given. */
  | { readonly kind: "btf-not-there"; readonly path: string; readonly code: string }
  /** The name of a file says for which kernel's release it is, and this one's does not. */
  | { readonly kind: "btf-unnamed"; readonly path: string }
  /** A folder without a single file of BTF. */
  | { readonly kind: "btf-none"; readonly path: string }
  /** A word of BTF_KERNELS that fits no kernel of those that were found. */
  | { readonly kind: "btf-kernel-unknown"; readonly pattern: string; readonly known: readonly string[] }
  | { readonly kind: "skeleton-without-source"; readonly name: string; readonly path: string }
  /** The file names a target of which there is no user side. */
  | { readonly kind: "target-without-source"; readonly name: string };

declare module "../base/failure.ts" {
  interface Failures {
    config: ConfigFailure;
  }
}
