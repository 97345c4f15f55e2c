import { spawn } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type Recipe, recipeOf } from "./recipe.ts";
import { prepareRoot, type Root, rootsDir } from "./root.ts";
import { environment, giveSurroundings } from "./surroundings.ts";

/** How a command ended, and what it left. */
export interface Typed {
  readonly status: number | null;
  /** What a user would have seen: standard output and error in their order. */
  readonly output: string;
  /** Command lines of processes that were still there two seconds later. */
  readonly processes: readonly string[];
  /** Lines of /proc/mounts that were not there before, and those that are gone. */
  readonly mounts: readonly string[];
  /** Paths below the places for temporary files and pinned objects. */
  readonly temporary: readonly string[];
}

export interface TypeOptions {
  /** Folder in the machine. */
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly minutes?: number;
  /**
   * See the processes of the machine beside it, by the ids that the kernel gives them (`docker run --pid=host`): for
   * programs that compare their own id with what BPF says. Otherwise the ids begin at 1.
   */
  readonly hostPids?: boolean;
}

/** A bare machine that is thrown away: a layer of its own above a cached root. It shares the kernel and the network. */
export class FreshMachine implements Disposable {
  readonly recipe: Recipe;
  readonly root: Root;
  readonly #state: string;

  private constructor(recipe: Recipe, root: Root, state: string) {
    this.recipe = recipe;
    this.root = root;
    this.#state = state;
  }

  static async open(name: string): Promise<FreshMachine> {
    if (process.getuid?.() !== 0) throw new Error("A bare machine is made of mounts: run this as root.");
    const recipe = recipeOf(name);
    const root = await prepareRoot(recipe);
    sweep();
    const state = join(rootsDir(), `run-${process.pid}-${recipe.name}`);
    for (const folder of ["upper", "work", "root"]) mkdirSync(join(state, folder), { recursive: true });
    giveSurroundings(join(state, "upper"));
    return new FreshMachine(recipe, root, state);
  }

  /** Where a file of the machine is to be put before something is typed. */
  path(file: string): string {
    return join(this.#state, "upper", file);
  }

  /** Types a command, as root, and waits until it has ended. */
  async type(command: string, options: TypeOptions = {}): Promise<Typed> {
    const notes = this.path("/.fresh");
    rmSync(notes, { recursive: true, force: true });
    mkdirSync(notes);
    // The command has a shell of its own, so that an `exit` or `exec` in it ends no other.
    writeFileSync(join(notes, "typed"), `cd ${options.cwd ?? "/root"} && ${command}\n`);
    writeFileSync(join(notes, "command"), "sh /.fresh/typed\n");
    const { status, output, survivors } = await this.#enter(options);
    const lines = (name: string) =>
      existsSync(join(notes, name))
        ? readFileSync(join(notes, name), "utf8").split("\n").filter(Boolean)
        : [];
    const [before, after] = [lines("mounts-before"), lines("mounts-after")];
    return {
      status,
      output,
      processes: [...lines("processes"), ...survivors],
      mounts: [
        ...after.filter((line) => !before.includes(line)),
        ...before.filter((line) => !after.includes(line)).map((line) => `gone: ${line}`),
      ],
      temporary: lines("temporary"),
    };
  }

  async #enter({ env = {}, minutes = 10, hostPids = false }: TypeOptions) {
    const [enter, inside] = ["enter.sh", "inside.sh"].map((file) =>
      readFileSync(join(import.meta.dirname, file), "utf8"),
    ) as [string, string];
    const namespaces = [
      "--mount",
      "--ipc",
      "--uts",
      ...(hostPids ? [] : ["--pid"]),
      "--fork",
      "--kill-child=KILL",
    ];
    const script = [this.root.dir, this.#state, this.recipe.tracefs ? "yes" : "no", inside];
    // Whatever becomes of this process, the machine goes with it.
    const args = ["--pdeathsig", "KILL", "unshare", ...namespaces, "sh", "-c", enter, "enter", ...script];
    const child = spawn("setpriv", args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...environment(), ...env },
      timeout: minutes * 60_000,
      killSignal: "SIGKILL",
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => chunks.push(data));
    const closed = new Promise((resolve) => child.once("close", resolve));
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("exit", resolve);
    });
    // Survivors write their own output to these pipes, which therefore are closed only when the survivors have ended.
    const survivors = await endAll(this.path("/.fresh/namespace"));
    await closed;
    const said = Buffer.concat(chunks).toString();
    return {
      status,
      output: status === null ? `${said}\n(stopped after ${minutes} minutes)` : said,
      survivors,
    };
  }

  [Symbol.dispose](): void {
    rmSync(this.#state, { recursive: true, force: true });
  }
}

/**
 * Ends the processes that are still in the mount namespace of a command. If the machine had process ids of its own,
 * there are none. Processes that are about to end are given time to do so.
 * @returns their command lines
 */
async function endAll(file: string): Promise<string[]> {
  if (!existsSync(file)) return [];
  const namespace = readFileSync(file, "utf8").trim();
  let found = membersOf(namespace);
  for (let tries = 0; tries < 20 && found.length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    found = membersOf(namespace);
  }
  for (const { pid } of found) process.kill(pid, "SIGKILL");
  return found.map(({ command }) => command);
}

function membersOf(namespace: string): { pid: number; command: string }[] {
  return readdirSync("/proc").flatMap((name) => {
    try {
      if (!/^\d+$/.test(name) || readlinkSync(`/proc/${name}/ns/mnt`) !== namespace) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      return command === "" ? [] : [{ pid: Number(name), command }];
    } catch {
      // It has ended.
      return [];
    }
  });
}

/** Removes what runs that were killed have left. */
function sweep(): void {
  for (const name of readdirSync(rootsDir())) {
    const pid = /^run-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(rootsDir(), name), { recursive: true, force: true });
  }
}
