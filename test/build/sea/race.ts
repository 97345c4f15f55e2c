/**
 * Starts an executable again and again beside an attacker, in a mount namespace that is prepared already, and prints what
 * came of it as one line of JSON.
 *
 * node race.ts REQUEST, which is JSON.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

export interface Race {
  readonly executable: string;
  /** How often the addon is loaded in all. */
  readonly loads: number;
  /** How many copies of it each process loads, each from a file of its own. */
  readonly each: number;
  /** Who starts the executable. */
  readonly user: number;
  /** Who attacks it. */
  readonly attacker: number;
  readonly script: string;
  readonly scratch: string;
  readonly library: string;
  /** The folders in which it plants. They are empty, and everybody may write to them. */
  readonly folders: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Raced {
  readonly loads: number;
  readonly processes: number;
  /** How often the executable's own addon was loaded, from a file without a name, by a process that loaded nothing else. */
  readonly own: number;
  /** What other processes said, up to ten of them. */
  readonly odd: readonly string[];
  /** From where the addon was loaded, and how often. */
  readonly places: Readonly<Record<string, number>>;
  /** What is in the folders in the end. */
  readonly left: readonly string[];
  readonly attack: { readonly planted: number; readonly seen: number; readonly reached: number };
}

const AT_ONCE = 2;

async function textOf(child: ChildProcess): Promise<string> {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (said: string) => (text += said));
  await new Promise((done) => child.once("close", done));
  return text;
}

async function start({ executable, user, env, each }: Race): Promise<string> {
  const as = { uid: user, gid: user, cwd: "/", env: { ...env, GUARDED: String(each - 1) } };
  const child = spawn(executable, [], { ...as, stdio: ["ignore", "pipe", "pipe"] });
  const stuck = setTimeout(() => child.kill("SIGKILL"), 120_000);
  try {
    return await textOf(child);
  } finally {
    clearTimeout(stuck);
  }
}

/** The directories that the addon came from, one for each time, if each time it was the executable's own and nothing else. */
function placesOf(text: string, each: number): string[] {
  const line = text.split("\n").find((one) => one.startsWith('{"names"')) ?? "{}";
  const { names = [], mapped = [] } = JSON.parse(line) as { names?: string[]; mapped?: string[] };
  const unnamed = /\/#\d+ \(deleted\)$/;
  const own = names.every((name) => name === "one") && mapped.every((path) => unnamed.test(path));
  return own && names.length === each && mapped.length === each
    ? mapped.map((path) => path.replace(unnamed, ""))
    : [];
}

async function race(request: Race): Promise<Raced> {
  const { script, scratch, library, executable, folders, attacker } = request;
  const args = [script, scratch, library, executable, ...folders];
  const attack = spawn(process.execPath, args, {
    uid: attacker,
    gid: attacker,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const attacked = textOf(attack);
  await new Promise((ready) => attack.stdout?.once("data", ready));
  const places: Record<string, number> = {};
  const odd: string[] = [];
  let [processes, own] = [0, 0];
  const runner = async () => {
    while (processes * request.each < request.loads) {
      processes++;
      const text = await start(request);
      const found = placesOf(text, request.each);
      if (found.length === 0) odd.push(text);
      own += found.length;
      for (const place of found) places[place] = (places[place] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  attack.stdin?.end();
  const { made: _, ...did } = JSON.parse((await attacked).replace("ready", "")) as Raced["attack"] & {
    made: string[];
  };
  const left = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  return {
    loads: processes * request.each,
    processes,
    own,
    odd: odd.slice(0, 10),
    places,
    left,
    attack: did,
  };
}

console.log(JSON.stringify(await race(JSON.parse(process.argv[2] ?? "{}") as Race)));
