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
 * The folder to which a step writes before its outputs are published. Paths in it are laid out as in the app, so that a
 * command finds the same file names and the same neighbours. The folder's path depends only on the step's id, because a
 * compiler may write it into its output.
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

  /** The file that receives the command's messages. */
  get messages(): string {
    return join(this.folder, "messages");
  }

  /** Creates an empty stage that has the folders for the outputs. */
  prepare(): void {
    this.remove();
    mkdirSync(this.folder, { recursive: true });
    const { outputs, step } = this.#node;
    for (const path of [...outputs, ...(step.depfile ? [step.depfile] : [])]) {
      const place = this.resolve(path);
      mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    }
  }

  /** Makes large outputs read-only, because the cache is going to share them by links. */
  protectShared(): void {
    for (const output of this.#node.outputs) {
      for (const path of output.endsWith("/") ? this.#below(output) : [output]) {
        const stat = lstatSync(this.resolve(path), { throwIfNoEntry: false });
        if (stat?.isFile()) chmodSync(this.resolve(path), sharedMode(stat.mode & 0o777, stat.size));
      }
    }
  }

  /**
   * The mode and content of every output in the stage.
   * @throws Failure output-not-made
   */
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
   * Moves the outputs to their places. An output whose content and mode have not changed is not touched, and so keeps
   * its times. Returns whether any output has changed.
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

  /** A folder cannot be renamed over one that has files. So the old one is moved to the stage and removed with it. */
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

  /** Removes the stage if that is possible. */
  tryRemove(): void {
    try {
      this.remove();
    } catch {
      // `prepare` removes it before the step runs again.
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Moves an output to another file system: it is copied to a place beside its final one, and renamed there. */
function moveAcross(from: string, to: string): void {
  const beside = `${to}.bpf-app~`;
  rmSync(beside, { recursive: true, force: true });
  if (lstatSync(from).isFile()) copyFileSync(from, beside);
  else process.getBuiltinModule("node:fs").cpSync(from, beside, { recursive: true, verbatimSymlinks: true });
  renameSync(beside, to);
}
