import { Failure } from "../../toolchain/src/base/failure.ts";
import { defaultCache } from "../../vendor/cache.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { vendor } from "../../vendor/vendor.ts";
import { install, type Refused } from "./install.ts";
import type { Plan } from "./plan.ts";
import { writeFiles } from "./render.ts";
import { addTo, initRepository, type Recorded, record } from "./repository.ts";
import { Staging } from "./staging.ts";
import { packedName, packToolchain } from "./toolchain.ts";

/** A part of the work, as the user sees it. */
export interface Task {
  readonly title: string;
  /** `say` shows a line below the title, which stays there. */
  readonly run: (say: (line: string) => void) => Promise<void>;
}

/** What was made. */
export interface Done {
  readonly plan: Plan;
  readonly provenance: Provenance;
  readonly recorded: Recorded;
  /** Why the packages could not be installed. The app is complete except for them, so it stays. */
  readonly refused: Failure<"create"> | undefined;
}

/** Lock files, which installing writes. */
const LOCK_FILES = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/**
 * Makes an app. Everything happens in a staging folder, which becomes the target at the very end, or is removed.
 *
 * @param show runs the tasks, one after the other, and shows them
 * @throws Failure of any layer
 */
export async function scaffold(
  plan: Plan,
  show: (tasks: readonly Task[]) => Promise<void>,
  signal: AbortSignal,
): Promise<Done> {
  const staging = await Staging.open(plan.target.path, plan.options.force);
  try {
    const work = new Work(plan, staging.folder, signal);
    await show(
      work.tasks().map((task) => ({
        ...task,
        run: async (say) => {
          signal.throwIfAborted();
          await task.run(say);
        },
      })),
    );
    signal.throwIfAborted();
    // From here on it takes a moment only, in which nothing is left half done.
    await staging.commit(() => work.finish(staging.target));
    const { refused } = work;
    return {
      plan,
      provenance: work.provenance,
      recorded: work.recorded,
      refused: refused && new Failure("create", { ...refused, target: staging.target }),
    };
  } catch (error) {
    await staging.discard();
    throw signal.aborted ? signal.reason : error;
  }
}

/** The tasks of a plan, and what they have found out. */
class Work {
  readonly #plan: Plan;
  /** The folder in which the app is made. */
  readonly #app: string;
  readonly #signal: AbortSignal;
  provenance: Provenance = { sources: {} };
  recorded: Recorded = "none";
  refused: Refused | undefined;

  constructor(plan: Plan, app: string, signal: AbortSignal) {
    this.#plan = plan;
    this.#app = app;
    this.#signal = signal;
  }

  tasks(): Task[] {
    const { answers, files, pins, repository, checkout, install: wanted } = this.#plan;
    const [app, signal] = [this.#app, this.#signal];
    const sources = pins.sources.map((pin) => pin.name);
    const tasks: (Task | false)[] = [
      { title: `Write the ${answers.template.name} template`, run: () => writeFiles(app, files) },
      repository === "new" && { title: "Make a git repository", run: () => initRepository(app, signal) },
      sources.length > 0 && { title: `Vendor ${sources.join(", ")}`, run: (say) => this.#vendor(say) },
      checkout !== undefined && {
        title: "Pack this checkout's toolchain",
        run: () => packToolchain(checkout, app, signal),
      },
      wanted === "yes" && {
        title: `Install packages with ${answers.manager.name}`,
        run: async (say) => {
          this.refused = await install(app, answers.manager, signal);
          if (this.refused) say(`${answers.manager.name} could not install them`);
        },
      },
      repository === "new" && { title: "Record it all in git", run: () => this.#record(app, signal) },
    ];
    return tasks.filter((task) => task !== false);
  }

  async #vendor(say: (line: string) => void): Promise<void> {
    const { answers, pins, places, repository, submodules } = this.#plan;
    this.provenance = await vendor({
      pins,
      app: this.#app,
      origins: answers.vendor,
      submodules: submodules && (repository === "new" || "later"),
      bundle: places.bundle,
      cache: defaultCache(),
      signal: this.#signal,
      say,
    });
  }

  /** What can only be done at the app's place: to add to a repository that is there. */
  async finish(target: string): Promise<void> {
    const { pins, repository, submodules } = this.#plan;
    if (repository !== "existing") return;
    const clones = pins.sources.filter(
      ({ name }) => submodules && this.provenance.sources[name]?.origin === "git",
    );
    // What has begun here is not interrupted, but ended.
    const signal = new AbortController().signal;
    await addTo(target, clones, signal, () => this.#record(target, signal));
  }

  async #record(app: string, signal: AbortSignal): Promise<void> {
    const { answers, files, pins, checkout, target } = this.#plan;
    const paths = [
      ...files.map(({ path }) => path),
      ...[...pins.sources.map(({ name }) => name), "origins.json"].map((name) => `vendor/${name}`),
      ...(checkout === undefined ? [] : [await packedName(checkout)]),
      ...[".gitmodules", ...LOCK_FILES].filter((name) => !target.names.includes(name)),
    ];
    const message = `Start from create-bpf-app's ${answers.template.name} template`;
    this.recorded = await record(app, paths, message, signal);
  }
}
