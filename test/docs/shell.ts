// Runs the commands of a page. A folder to which one block has changed is where the next one goes on.
import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { ROOT } from "../root.ts";
import { difference } from "./expected.ts";
import { substitute } from "./substitutions.ts";

/** For how many milliseconds a command may run, and one that never ends by itself. */
const LIMIT = 300_000;
const ENDLESS = 60_000;

/**
 * Most systems have a BPF file system here, some have none. Each command gets one of its own, in a namespace for mounts,
 * so that nothing is left of it.
 */
const MOUNT = "mount -t bpf bpf /sys/fs/bpf";

interface Ended {
  readonly status: number;
  /** Standard output and standard error, as they came. */
  readonly printed: string;
}

export class Shell {
  /** The folder in which the next command runs. */
  folder: string;
  readonly #state: string;

  /** @param scratch a folder, which is also where the first command runs */
  constructor(scratch: string) {
    this.folder = scratch;
    this.#state = join(scratch, ".folder");
  }

  /**
   * Runs the commands of a block of kind `sh`.
   * @throws Error if one of them fails
   */
  async commands(text: string): Promise<void> {
    const script = text
      .split("\n")
      .map((line) => {
        const [, command] = /^(.*\S)\s+# \^C /.exec(line) ?? [];
        return command === undefined ? line : `timeout -s INT 3 env ${command} || [ $? -eq 124 ]`;
      })
      .join("\n");
    const { status, printed } = await this.#run(script);
    if (status !== 0) throw new Error(`ended with ${status}:\n${text}\n---\n${printed}`);
  }

  /**
   * Runs the commands of a block of kind `console`, and compares what they print.
   * @throws Error if one prints something else, or ends in another way than the page says
   */
  async console(text: string, words: ReadonlyMap<string, string>): Promise<void> {
    const parts = text.split(/^\$ /m).slice(1);
    for (const [index, part] of parts.entries()) {
      const [command = "", ...lines] = part.trimEnd().split("\n");
      const endless = lines.at(-1) === "^C";
      const expected = (endless ? lines.slice(0, -1) : lines).join("\n");
      const { status, printed } = await this.#run(command, endless ? expected : undefined);
      const fails = words.has("fails") && index === parts.length - 1;
      if (!endless && (status !== 0) !== fails)
        throw new Error(`${command}: ended with ${status}:\n${printed}`);
      const other = difference(endless ? `${expected}\n…` : expected, printed, words.has("unordered"));
      if (other !== undefined)
        throw new Error(`${command}: the page says\n  ${other}\n---\n${some(printed)}`);
    }
  }

  /**
   * @param until for a command that does not end by itself: it is ended as ^C does once it has printed this
   */
  async #run(commands: string, until?: string): Promise<Ended> {
    rmSync(this.#state, { force: true });
    const script = `set -e -o pipefail\n${substitute(commands).text}\npwd > '${this.#state}'`;
    const child = spawn("unshare", ["--mount", "bash", "-c", `exec 2>&1\n${MOUNT}\n${script}`], {
      cwd: this.folder,
      env: environment(),
      stdio: ["ignore", "pipe", "inherit"],
      // It leads a process group of its own, which a ^C reaches as a whole.
      detached: true,
    });
    const group = -child.pid!;
    let printed = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
      if (until !== undefined && difference(`${until}\n…`, printed) === undefined) interrupt();
    });
    let interrupted = false;
    const interrupt = () => {
      if (!interrupted) process.kill(group, "SIGINT");
      interrupted = true;
    };
    const deadline = setTimeout(() => process.kill(group, "SIGKILL"), until === undefined ? LIMIT : ENDLESS);
    const activity = setInterval(() => spawn("date", { stdio: "ignore" }).unref(), 250);
    const status = await new Promise<number>((resolve) =>
      child.once("close", (code) => resolve(code ?? 255)),
    );
    clearTimeout(deadline);
    clearInterval(activity);
    this.#remember();
    return { status, printed };
  }

  #remember(): void {
    try {
      this.folder = readFileSync(this.#state, "utf8").trim();
    } catch {
      // The commands ended before they came to their end.
    }
    rmSync(this.#state, { force: true });
  }
}

/** As much of an output as somebody reads who looks for a mistake. */
function some(text: string): string {
  return text.length > 8000 ? `${text.slice(0, 4000)}\n[…]\n${text.slice(-4000)}` : text;
}

/** What the commands of a page find in their environment: the project's Node, and no traces of a test runner. */
function environment(): NodeJS.ProcessEnv {
  const path = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:npm_|NODE_TEST|FORCE_COLOR|INIT_CWD)/.test(name),
  );
  return { ...Object.fromEntries(kept), PATH: path, npm_config_update_notifier: "false" };
}
