import { chmodSync, copyFileSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { sharedMode } from "./cache/objects.ts";
import { type Files, hashInTurns, listTree } from "./files.ts";
import { outputContents } from "./freshness.ts";
import type { PlannedStep } from "./graph.ts";
import { describeOutput, parseOutput } from "./output.ts";
import { canonical, safeName } from "./paths.ts";

/**
 * Where a step writes before its outputs get their names: a folder of its own in which paths are laid out as in the
 * app, so that a command sees the file names and neighbours it would see there. The place depends on the step's id
 * alone, since a compiler may put it into what it makes.
 */
export class Stage {
  readonly #root: string;
  readonly #folder: string;
  readonly #node: PlannedStep;

  /** `state` is relative to `root`. */
  constructor(root: string, state: string, node: PlannedStep) {
    this.#root = root;
    this.#folder = join(state, "stage", safeName(node.step.id));
    this.#node = node;
  }

  /** The staging path that stands for a path of the plan, relative to the app's folder. */
  place(path: string): string {
    const plain = canonical(this.#root, path);
    return isAbsolute(plain) ? join(this.#folder, "absolute", plain) : join(this.#folder, "app", plain);
  }

  /** The same, absolute. */
  resolve(path: string): string {
    return join(this.#root, this.place(path));
  }

  /** The whole stage, absolute. */
  get folder(): string {
    return resolve(this.#root, this.#folder);
  }

  /** Where the command's messages are kept while it runs. */
  get messages(): string {
    return join(this.folder, "messages");
  }

  /** An empty stage, with the folders that outputs lie in. */
  prepare(): void {
    this.remove();
    mkdirSync(this.folder, { recursive: true });
    const { outputs, step } = this.#node;
    for (const path of [...outputs, ...(step.depfile ? [step.depfile] : [])]) {
      const place = this.resolve(path);
      mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    }
  }

  /** Large files that the cache is going to share lose the right to be written to. */
  protectShared(): void {
    for (const output of this.#node.outputs) {
      for (const path of output.endsWith("/") ? this.#below(output) : [output]) {
        const stat = lstatSync(this.resolve(path), { throwIfNoEntry: false });
        if (stat?.isFile()) chmodSync(this.resolve(path), sharedMode(stat.mode & 0o777, stat.size));
      }
    }
  }

  /** The content of everything that was made. Throws `output-not-made`. */
  async contents(): Promise<Record<string, string>> {
    const contents: Record<string, string> = {};
    for (const output of this.#node.outputs) {
      for (const path of output.endsWith("/") ? this.#below(output) : [output]) {
        const place = this.resolve(path);
        const hash = lstatSync(place, { throwIfNoEntry: false })?.isFile()
          ? await hashInTurns(place)
          : "other";
        const content = describeOutput(place, () => hash);
        if (content === undefined || (hash === "other" && !("link" in parseOutput(content))))
          throw this.#notMade(path);
        contents[path] = content;
      }
    }
    return contents;
  }

  #below(output: string): readonly string[] {
    const below = listTree(this.resolve(output), output);
    if (!below) throw this.#notMade(output);
    return below;
  }

  #notMade(path: string): Failure<"run"> {
    return new Failure("run", { kind: "output-not-made", step: this.#node.step, path });
  }

  /**
   * Gives outputs their names. A file whose bytes and mode are already there keeps its place and times. Returns
   * whether anything differs from before.
   */
  publish(contents: Readonly<Record<string, string>>, files: Files): boolean {
    const before = outputContents(this.#root, this.#node, files);
    let changed = false;
    for (const output of this.#node.outputs) {
      const inside = (path: string) => path === output || (output.endsWith("/") && path.startsWith(output));
      const names = new Set([...Object.keys(contents), ...Object.keys(before)].filter(inside));
      const same = names.size > 0 && [...names].every((path) => before[path] === contents[path]);
      if (same) continue;
      changed = true;
      this.#move(output);
      files.forget(output);
      for (const path of names) this.#adopt(path, contents[path], files);
    }
    return changed;
  }

  #adopt(path: string, content: string | undefined, files: Files): void {
    files.forget(path);
    const output = content === undefined ? undefined : parseOutput(content);
    if (output && "hash" in output) files.adopt(path, output.hash);
  }

  #move(output: string): void {
    const from = this.resolve(output).replace(/\/$/, "");
    const to = resolve(this.#root, output).replace(/\/$/, "");
    mkdirSync(dirname(to), { recursive: true });
    if (output.endsWith("/")) this.#setAside(output, to);
    try {
      renameSync(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      moveAcross(from, to);
    }
  }

  /** A folder cannot be renamed over one that holds files: the old one goes to the stage, to be removed with it. */
  #setAside(output: string, to: string): void {
    if (!lstatSync(to, { throwIfNoEntry: false })) return;
    const aside = join(this.folder, "aside", safeName(output));
    mkdirSync(dirname(aside), { recursive: true });
    try {
      renameSync(to, aside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
      rmSync(to, { recursive: true });
    }
  }

  /** What cannot be removed now is removed before the step runs again. */
  tryRemove(): void {
    try {
      this.remove();
    } catch {}
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The output lies on another file system than the stage: copied beside its place first, then renamed there. */
function moveAcross(from: string, to: string): void {
  const beside = `${to}.bpf-app~`;
  rmSync(beside, { recursive: true, force: true });
  if (lstatSync(from).isFile()) copyFileSync(from, beside);
  else process.getBuiltinModule("node:fs").cpSync(from, beside, { recursive: true, verbatimSymlinks: true });
  renameSync(beside, to);
}
