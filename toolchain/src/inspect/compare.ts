import type { About } from "./about.ts";
import type { Inspection } from "./inspect.ts";

/** A part of an executable that is another one in a rebuild. A sum is undefined where there is no such part. */
export interface PartDifference {
  /** `Node`, `minimal.cjs`, `addon.node`, `BPF object minimal`, `about.json`. */
  readonly part: string;
  readonly file: string | undefined;
  readonly rebuilt: string | undefined;
}

/** Something that an executable is made from, and that is another in a rebuild. */
export interface InputDifference {
  /** `src/minimal.ts`, `bpf-app`, `library libbpf`. */
  readonly input: string;
  readonly file: string | undefined;
  readonly rebuilt: string | undefined;
}

/** What a comparison of an executable with a rebuild has found. */
export interface Comparison {
  readonly equal: boolean;
  readonly parts: readonly PartDifference[];
  readonly inputs: readonly InputDifference[];
}

/** An executable, looked into. */
interface Side {
  readonly inspection: Inspection;
  /** As `partsOf` has them. */
  readonly parts: ReadonlyMap<string, string>;
}

/** Compares an executable with what was built of the sources anew: byte for byte, then part for part. */
export function compare(file: Side, rebuilt: Side): Comparison {
  const [inputs, others] = [file, rebuilt].map(({ inspection }) => inputsOf(inspection.about));
  const objects = ({ inspection, parts }: Side) =>
    new Map([...parts, ...inspection.objects.map((one) => [`BPF object ${one.name}`, one.sha256] as const)]);
  return {
    equal: file.inspection.sha256 === rebuilt.inspection.sha256,
    parts: differences(objects(file), objects(rebuilt)).map(([part, ...sums]) => ({ part, ...sides(sums) })),
    inputs: differences(inputs!, others!).map(([input, ...values]) => ({ input, ...sides(values) })),
  };
}

function sides([file, rebuilt]: (string | undefined)[]) {
  return { file, rebuilt };
}

type Difference = readonly [name: string, file: string | undefined, rebuilt: string | undefined];

function differences(file: ReadonlyMap<string, string>, rebuilt: ReadonlyMap<string, string>): Difference[] {
  const names = [...new Set([...file.keys(), ...rebuilt.keys()])];
  return names
    .filter((name) => file.get(name) !== rebuilt.get(name))
    .map((name) => [name, file.get(name), rebuilt.get(name)]);
}

/** Everything that a file says that it is made of, flat. */
function inputsOf(about: About): ReadonlyMap<string, string> {
  const { name: _, format: __, inputs, libraries, ...rest } = about;
  const words: Readonly<Record<string, string>> = {
    version: "the app's version",
    node: "Node",
    bpfApp: "bpf-app",
  };
  return new Map([
    ...Object.entries(rest).map(([key, value]) => [words[key] ?? key, String(value)] as const),
    ...Object.entries(libraries).map(([key, value]) => [`library ${key}`, said(value)] as const),
    ...Object.entries(inputs).map(([path, sum]) => [path, `sha256 ${sum}`] as const),
  ]);
}

function said(value: unknown): string {
  return JSON.stringify(value);
}
