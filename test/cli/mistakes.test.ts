// What is wrong with a folder or a file of the user's is said in sentences, and never with a stack. The user is not root,
// as most are: root may read and write everything.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { appWithSources, CLI, PLAIN, programs, type Said, VENDORED } from "./run.ts";
import { asUser, give, isRoot } from "./user.ts";

function saysSo({ status, stderr }: Said, ...lines: readonly RegExp[]): void {
  assert.equal(status, 1, stderr);
  assert.ok(stderr.startsWith("bpf-app: "), stderr);
  assert.doesNotMatch(stderr, /fault of bpf-app itself|^\s+at /m);
  for (const line of lines) assert.match(stderr, line);
}

/** What stands for a Node to embed, as far as a build looks at it that comes to no command. */
const NODE = `node_modules/node-linux-${process.arch}`;
const VERSION =
  "#define NODE_MAJOR_VERSION 24\n#define NODE_MINOR_VERSION 21\n#define NODE_PATCH_VERSION 0\n";

/** An app of the user's in which something is wrong. */
function app(spoil: (app: string) => void): string {
  const root = folderWith({
    ...MINIMAL,
    ...VENDORED,
    "package.json": `{ "name": "app", "type": "module" }`,
    [`${NODE}/package.json`]: "{}",
    [`${NODE}/bin/node`]: "",
    [`${NODE}/include/node/node_version.h`]: VERSION,
  });
  chmodSync(root, 0o755);
  give(root);
  spoil(root);
  return root;
}

const config = (text: string) => (root: string) => writeFileSync(join(root, "bpf-app.config.ts"), text);
const manifest = (text: string) => (root: string) => writeFileSync(join(root, "package.json"), text);
const instead = (file: string, put: (path: string) => void) => (root: string) => {
  rmSync(join(root, file), { recursive: true });
  put(join(root, file));
};

const CASES: readonly (readonly [string, (root: string) => void, readonly string[], ...RegExp[]])[] = [
  [
    "a folder that may not be searched",
    (root) => chmodSync(root, 0),
    ["build"],
    /no permission to use package\.json\./,
  ],
  [
    "an src that may not be read",
    (root) => chmodSync(join(root, "src"), 0),
    ["build"],
    /no permission to use src\.\n {2}See who owns it/,
  ],
  [
    "a source that may not be read",
    (root) => chmodSync(join(root, "src/minimal.bpf.c"), 0),
    ["build"],
    /no permission to use src\/minimal\.bpf\.c\./,
  ],
  [
    "a source that is a folder",
    instead("src/minimal.bpf.c", mkdirSync),
    ["build"],
    /src\/minimal\.bpf\.c is a folder/,
  ],
  [
    "a source that is a link to nothing",
    instead("src/minimal.bpf.c", (path) => symlinkSync("/nonexistent", path)),
    ["doctor"],
    /src\/minimal\.bpf\.c is a link to \/nonexistent, which does not exist/,
  ],
  [
    "an src that is a file",
    instead("src", (path) => writeFileSync(path, "")),
    ["build"],
    /src is not a folder/,
  ],
  [
    "an src that is a file, for what is to be added",
    instead("src", (path) => writeFileSync(path, "")),
    ["add", "tc"],
    /src is in the way/,
  ],
  [
    "a package.json that is no JSON",
    manifest("{ nope"),
    ["build"],
    /package\.json is not an object in JSON\.\n {2}.*position 2/,
  ],
  ["a package.json that is a list", manifest("[]"), ["add", "tc"], /package\.json is not an object in JSON/],
  [
    "a package.json that is a folder",
    instead("package.json", mkdirSync),
    ["build"],
    /package\.json is a folder|is not an app/,
  ],
  [
    "a configuration that throws",
    config('\nthrow new Error("my own words");\n'),
    ["build"],
    /bpf-app\.config\.ts:2 cannot be read\.\n {2}my own words\n/,
  ],
  [
    "a setting that throws",
    config('export default {\n  get clang() {\n    throw new Error("later");\n  },\n};\n'),
    ["build"],
    /bpf-app\.config\.ts:3 cannot be read\.\n {2}later\n/,
  ],
  [
    "a configuration with a mistake",
    config("export default {\n  clang: ,\n};\n"),
    ["doctor"],
    /bpf-app\.config\.ts(:\d+)? cannot be read/,
  ],
  [
    "a configuration that imports nothing",
    config('import { x } from "nowhere-to-be-found";\nexport default { clang: x };\n'),
    ["build"],
    /nowhere-to-be-found/,
  ],
  [
    "an .output that is a file",
    (root) => writeFileSync(join(root, ".output"), ""),
    ["build"],
    /\.output.* is not a folder/,
  ],
  [
    "an .output that is a link to nothing",
    (root) => symlinkSync("/nonexistent", join(root, ".output")),
    ["build"],
    /\.output is a link to \/nonexistent/,
  ],
];

describe("a user is told of", () => {
  const PATH = `${programs()}:/usr/bin:/bin`;
  for (const [what, spoil, args, ...lines] of CASES)
    it(`${what} (${args.join(" ")})`, () => {
      const root = app(spoil);
      saysSo(asUser(root, args, { PATH }), ...lines);
      chmodSync(root, 0o755);
    });
});

const skip = isRoot ? false : "only root can make files of root's";
describe("what a command with sudo has left", { skip }, () => {
  /** An app whose build was root's. */
  const built = () =>
    app((root) => {
      for (const path of [".output/.bpf-app", "dist"]) mkdirSync(join(root, path), { recursive: true });
      for (const path of ["dist/minimal", "compile_commands.json"]) writeFileSync(join(root, path), "");
    });
  const PATH = `${programs()}:/usr/bin:/bin`;

  for (const verb of ["build", "start", "clean"])
    it(`is named by ${verb}, with the command that takes it back`, () => {
      saysSo(
        asUser(built(), [verb], { PATH }),
        /no permission to use (\.output|dist)\//,
        /belong to root, as what a command makes that is run with sudo/,
        /sudo chown -R "\$\(id -u\):\$\(id -g\)" .*(\.output.*dist|dist.*\.output)/,
      );
    });

  it("includes an app that is root's altogether", () => {
    const root = folderWith(MINIMAL);
    chmodSync(root, 0o755);
    chmodSync(join(root, "src"), 0o755);
    saysSo(asUser(root, ["add", "tc"]), /The app's folder belongs to root/, /sudo chown -R .* \.$/m);
  });
});

describe("a disk that is full or may not be written", { skip }, () => {
  /** Runs bpf-app in an app on a file system of its own, after some words of a shell. */
  function on(before: string, args: readonly string[]): Said {
    const root = appWithSources();
    mkdirSync(join(root, "disk"));
    const script = `mount -t tmpfs -o size=300k tmpfs disk && cp -r package.json src vendor disk &&
ln -s "$PWD/node_modules" disk && cd disk && ${before}
"$0" "$@"; status=$?; echo; ls src; exit $status`;
    const command = ["-m", "sh", "-c", script, process.execPath, CLI, ...args];
    const { status, stdout, stderr } = spawnSync("unshare", command, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, ...PLAIN, PATH: `${programs()}:/usr/bin:/bin` },
    });
    return { status, stdout, stderr };
  }
  const full = "{ head -c 1M /dev/zero > fill; } 2>/dev/null; true;";
  const readOnly = "mount -o remount,ro . &&";

  for (const args of [["build"], ["add", "tc"]]) {
    it(`is the one or the other for ${args[0]}, which leaves nothing`, () => {
      const files = "minimal.bpf.c\nminimal.ts\n";
      const one = on(full, args);
      saysSo(one, /No space is left to write (\.output|src)\//);
      assert.ok(one.stdout.endsWith(files), one.stdout);
      const other = on(readOnly, args);
      saysSo(other, /is on a file system that is read-only/);
      assert.ok(other.stdout.endsWith(files), other.stdout);
    });
  }

  it("is read-only for clean", () => {
    saysSo(on("mkdir .output && mount -o remount,ro . &&", ["clean"]), /\.output is on a file system/);
  });
});
