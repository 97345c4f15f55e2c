import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Watch } from "../leftovers/watch.ts";
import { ROOT } from "../root.ts";
import { type Channel, Output, type Sink } from "./output.ts";
import { nextStage } from "./schedule.ts";
import { type Size, type Stage, withOptions } from "./stage.ts";
import { duration, ending, type Result, Tail } from "./words.ts";

export interface Run {
  readonly stages: Readonly<Record<string, Stage>>;
  readonly size: Size;
  /** Words for the last command of the last stage. With them, only that command writes to standard output. */
  readonly options: readonly string[];
  /** When it fires, what runs is ended, and nothing more begins. */
  readonly signal?: AbortSignal;
  /** Where all output goes. Default: this process's own streams. */
  readonly sink?: Sink;
}

/** Runs the stages, two at a time where they allow it. One that fails does not keep the others from running. */
export async function runStages(names: readonly string[], run: Run): Promise<Result[]> {
  const results: Result[] = [];
  const output = new Output(run.sink ?? ((chunk, stream) => void process[stream].write(chunk)));
  const running = new Map<string, Promise<void>>();
  let waiting = [...names];
  while (waiting.length > 0 || running.size > 0) {
    if (run.signal?.aborted) waiting = [];
    if (waiting.length === 0 && running.size === 0) break;
    const next = nextStage(run.stages, waiting, [...running.keys()]);
    if (next === undefined) {
      await Promise.race(running.values());
      continue;
    }
    waiting = waiting.filter((name) => name !== next);
    const channel = output.channel();
    const beside = running.size > 0 ? `, beside ${[...running.keys()].join(", ")}` : "";
    channel.write(`\n── ${next}: ${run.stages[next]?.says}${beside}\n`, "stderr");
    const one = runStage(next, next === names.at(-1) ? run.options : [], run, channel).then((result) => {
      results.push(result);
      running.delete(next);
      channel.write(`${ending(result)}\n`, "stderr");
      channel.end();
    });
    running.set(next, one);
  }
  return results;
}

async function runStage(
  name: string,
  options: readonly string[],
  run: Run,
  channel: Channel,
): Promise<Result> {
  const began = Date.now();
  const stage = run.stages[name] as Stage;
  const problems: string[] = [];
  const watch = new Watch(name);
  try {
    const commands = stage.commands(run.size);
    const counts = Object.entries(stage.counts ?? {}).map(([key, of]) => [key, of[run.size]]);
    const env = { ...Object.fromEntries(counts), ...process.env, ...watch.environment };
    // Options are meant for what the last stage is about, which is its last command. Its other commands would not
    // know them.
    for (const command of options.length > 0 ? commands.slice(-1) : commands) {
      const quiet = run.options.length > 0 && options.length === 0;
      const words = withOptions(command, options);
      const problem = await execute(words, env, channel, quiet ? "stderr" : "stdout", run.signal);
      if (problem !== undefined) problems.push(problem);
      if (problem !== undefined) break;
    }
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
  problems.push(...(await watch.end()).map((left) => `left behind: ${left}`));
  return { name, seconds: (Date.now() - began) / 1000, problems };
}

/** Resolves to what went wrong, if anything. */
async function execute(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
  channel: Channel,
  stdout: "stdout" | "stderr",
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const [program, ...args] = command as [string, ...string[]];
  const colour = process.stderr.isTTY ? { FORCE_COLOR: "1" } : {};
  const child = spawn(program, args, {
    cwd: ROOT,
    env: { ...env, ...colour },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const tail = new Tail();
  for (const [from, to] of [
    [child.stdout, stdout],
    [child.stderr, "stderr"],
  ] as const) {
    from.on("data", (chunk: Buffer) => {
      channel.write(chunk, to);
      tail.add(chunk);
    });
  }
  const closed = once(child, "close");
  closed.catch(() => {});
  const began = Date.now();
  // Whatever it has started and not ended itself is found by its mark.
  const stop = () => void child.kill("SIGTERM");
  signal?.addEventListener("abort", stop);
  try {
    const [code, killer] = (await once(child, "exit")) as [number | null, string | null];
    // A process that the command has left running may hold its output open for ever.
    await Promise.race([closed, sleep(1_000)]);
    if (code === 0) return undefined;
    const words = command.slice(0, 3).join(" ");
    const took = duration((Date.now() - began) / 1000);
    return `${words} … ended with ${code ?? killer} after ${took}; ${tail.text()}`;
  } catch (error) {
    return `${program} cannot be started: ${error}`;
  } finally {
    signal?.removeEventListener("abort", stop);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}
