import { join, resolve } from "node:path";
import type { Config } from "../config/load.ts";
import { reportNotKept } from "../report/dev.ts";
import { runApp } from "./app-process.ts";
import { type BuildOptions, build } from "./build.ts";
import { Hub } from "./dev-hub.ts";
import { Reloads } from "./dev-reloads.ts";
import { watchSources } from "./dev-watch.ts";
import { type Prepared, prepare, requireOwnMachine } from "./prepare.ts";
import { chooseTarget } from "./start.ts";
import type { Call } from "./verb.ts";

/** The first version of Node that runs TypeScript with `using` as it is. An older one runs the bundled script. */
const RUNS_SOURCES = 24;

/** What a build has made to be run. */
export interface Built {
  readonly config: Config;
  readonly command: readonly string[];
}

/**
 * Builds what src/NAME.ts needs, and runs that script with the app's Node. After every change of the sources or of the
 * configuration it builds again. If the build succeeds, the app is started anew, and takes the maps of the one before it
 * over; if not, the reason is reported and the old app keeps running.
 * @returns the exit status: with --once that of the app, otherwise 0 after ^C
 * @throws Failure other-machine, no-target, which-target, unknown-target, sudo-missing, app-not-started; and what a build throws
 */
export async function dev(
  call: Call<{ readonly name: string | undefined; readonly once: boolean }>,
): Promise<number> {
  const { root, assignments, options } = call;
  const prepared = await prepare(root, assignments);
  requireOwnMachine(prepared, "dev");
  const target = chooseTarget(prepared.config, "dev", options.name);
  const first = await buildTarget(call, prepared, target);
  if (options.once) return await runApp(root, first.command);
  const [skeleton = target] = prepared.config.targets.find(({ name }) => name === target)?.skeletons ?? [];
  // Any addon will do: it is libbpf that is wanted of it.
  const hub = Hub.open(join(root, ".output", `${skeleton}.node`));
  if (typeof hub === "string") reportNotKept(hub);
  const reloads = new Reloads({
    root,
    hub: typeof hub === "string" ? undefined : hub,
    // A change may also change the plan, for example by a new header or a new program.
    rebuild: async () => buildTarget(call, await prepare(root, assignments), target),
  });
  const watching = watchSources(prepared.config, () => reloads.change());
  const asked = new Promise<void>((end) => process.once("SIGINT", () => end()).once("SIGTERM", () => end()));
  try {
    await Promise.race([asked, reloads.run(first)]);
  } finally {
    watching.close();
    await reloads.end();
    if (typeof hub !== "string") hub.close();
  }
  return 0;
}

async function buildTarget(
  { root, rest }: Pick<Call<unknown>, "root" | "rest">,
  prepared: Prepared,
  target: string,
): Promise<Built> {
  const { executable, version } = prepared.host.node;
  const sources = Number.parseInt(version, 10) >= RUNS_SOURCES;
  const wanted: BuildOptions = { targets: [target], upTo: sources ? "addon" : "script" };
  await build(prepared, wanted);
  const script = sources ? join("src", `${target}.ts`) : join(".output", `${target}.cjs`);
  return { config: prepared.config, command: [resolve(root, executable), script, ...rest] };
}
