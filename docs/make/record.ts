// `npm run record` makes the recording that README begins with, of a real session: it makes an app, builds it and runs it.
// It needs root, to load the program, and takes about two minutes.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, hostname, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { film } from "./recording/screen.ts";
import { BASHRC, type Chunk, type Line, play } from "./recording/session.ts";
import { svg } from "./recording/svg.ts";

const ROOT = join(import.meta.dirname, "../..");
const SIZE = { columns: 92, rows: 24 };
const TITLE =
  "npm create bpf-app makes an app, npm run build builds it, and it shows processes that start and end";

const LINES: readonly Line[] = [
  { typed: "npm create bpf-app@latest my-tool -- --template bootstrap --yes", seconds: 3.5 },
  { typed: "cd my-tool", seconds: 0.1 },
  { typed: "npm run build", seconds: 5 },
  // Something has to happen, and nothing but that is to be shown.
  { typed: "while sleep 1; do date; uname -r; done > /dev/null &", seconds: 0.2 },
  { typed: "sudo ./dist/bootstrap --pid $!", seconds: 3.5, interruptAfter: 3.2 },
];

/**
 * The packages are not on npm, and a root has no need of sudo. So these two words mean something else in the recorded shell;
 * what they run is what a user's would run, who has a clone beside the folder. The clone is a link, and Node is told to take
 * it for what it is called.
 */
const SHELL = [
  ...BASHRC,
  "npm() {",
  '  if [ "$1" != create ]; then command npm "$@"; return; fi',
  "  shift 2",
  "  node --preserve-symlinks --preserve-symlinks-main ../create-bpf-app/create/dist/main.js \\",
  '    "$@" --vendor pool,index --no-git',
  "}",
  'sudo() { "$@"; }',
  // A job's end is not announced in the middle of the next line.
  "trap 'kill $(jobs -p) 2> /dev/null' EXIT",
];

const { CI: _, ...env } = process.env;
const scratch = mkdtempSync(join(tmpdir(), "bpf-app-record-"));
try {
  const bashrc = join(scratch, "bashrc");
  const cwd = join(scratch, "work");
  mkdirSync(cwd);
  symlinkSync(ROOT, join(scratch, "create-bpf-app"));
  writeFileSync(bashrc, `${SHELL.join("\n")}\n`);
  const path = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const chunks = await play({ ...SIZE, cwd, bashrc, env: { ...env, PATH: path }, lines: LINES });
  check(chunks);
  const recorded = await film(chunks, SIZE);
  for (const theme of ["dark", "light"] as const) {
    const file = `docs/recording-${theme}.svg`;
    const text = svg(recorded, { ...SIZE, theme, title: TITLE });
    writeFileSync(join(ROOT, file), text);
    console.log(`${file}: ${recorded.length.toFixed(1)} s, ${(text.length / 1024).toFixed(0)} KB`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

/**
 * Nothing of this machine is to be seen, and something is to be seen at all.
 * @throws Error
 */
function check(chunks: readonly Chunk[]): void {
  const text = chunks.map((chunk) => chunk.text).join("");
  for (const secret of [scratch, ROOT, hostname(), homedir() === "/root" ? "/root/" : homedir()])
    if (text.includes(secret)) throw new Error(`the recording shows ${secret}`);
  for (const wanted of ["my-tool", "dist/bootstrap", "/usr/bin/uname"])
    if (!text.includes(wanted)) throw new Error(`the recording does not show ${wanted}:\n${text}`);
}
