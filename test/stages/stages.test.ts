import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../root.ts";
import { Output } from "./output.ts";
import { runStages } from "./run.ts";
import { nextStage } from "./schedule.ts";
import { node, type Stage, tests, withOptions } from "./stage.ts";
import { closing, duration, ending } from "./words.ts";

const stage = (more: Partial<Stage> = {}): Stage => ({ says: "", commands: () => [], ...more });

test("durations are in seconds, then in minutes", () => {
  assert.equal(duration(7.6), "8 s");
  assert.equal(duration(367), "6 min 7 s");
});

test("a stage ends with what came of it, and how long it took", () => {
  assert.equal(ending({ name: "unit", seconds: 3, problems: [] }), "── unit: ok, 3 s");
  assert.equal(ending({ name: "unit", seconds: 3, problems: ["x"] }), "── unit: FAILED, 3 s");
});

test("the last line says what ran, how long, and how to run more; before it, how to run alone what failed", () => {
  const passed = { name: "unit", seconds: 3, problems: [] };
  const failed = { name: "build", seconds: 4, problems: ["it broke", "left behind: process 7: sleep"] };
  const again = (name: string) => `npm test -- ${name}`;
  assert.equal(closing([passed], 120, again, "More: x"), "All passed in 2 min 0 s: unit. More: x");
  assert.deepEqual(closing([passed, failed], 9, again, "More: x").split("\n"), [
    "FAILED build: it broke",
    "    left behind: process 7: sleep",
    "    alone: npm test -- build",
    "build FAILED, in 9 s; passed: unit. More: x",
  ]);
});

test("stages begin in their order, two at a time, when what they need has ended and what they use is free", () => {
  const stages = {
    setup: stage({ uses: ["cores"] }),
    check: stage({ needs: ["setup"] }),
    live: stage({ needs: ["setup"], uses: ["trace pipe"] }),
    other: stage({ needs: ["setup"], uses: ["trace pipe"] }),
    kernels: stage({ uses: ["cores"] }),
  };
  assert.equal(nextStage(stages, Object.keys(stages), []), "setup");
  assert.equal(nextStage(stages, ["check", "live"], ["setup"]), undefined);
  assert.equal(nextStage(stages, ["live", "other", "check"], ["x"]), "live");
  assert.equal(nextStage(stages, ["other", "check"], ["live"]), "check");
  assert.equal(nextStage(stages, ["other", "kernels"], ["live"]), undefined);
  assert.equal(nextStage(stages, ["kernels"], ["live", "check"]), undefined);
  assert.equal(nextStage(stages, ["kernels"], []), "kernels");
  // What it needs is not part of this run.
  assert.equal(nextStage(stages, ["live"], []), "live");
});

test("output of stages at the same time is not mixed: the oldest is shown as it comes, the next when that has ended", () => {
  let shown = "";
  const output = new Output((chunk) => {
    shown += chunk;
  });
  const [one, two, three] = [output.channel(), output.channel(), output.channel()];
  two.write("2a ", "stdout");
  one.write("1a ", "stdout");
  three.write("3a ", "stdout");
  three.end();
  one.write("1b ", "stderr");
  assert.equal(shown, "1a 1b ");
  one.end();
  assert.equal(shown, "1a 1b 2a ");
  two.write("2b ", "stdout");
  two.end();
  assert.equal(shown, "1a 1b 2a 2b 3a ");
});

test("a test that is not there is an error, no silent pass", () => {
  assert.throws(() => tests(["test/none/*.test.ts"], 1), /no test is named test\/none/);
});

test("options reach the program that a stage runs, and Node's test runner before the files", () => {
  const options = ["--test-name-pattern=x"];
  assert.deepEqual(withOptions(node("matrix.ts"), ["--kernel", "6.1"]).slice(1), [
    "matrix.ts",
    "--kernel",
    "6.1",
  ]);
  const command = tests(["test/stages/stages.test.ts"], 1);
  const [first, ...rest] = withOptions(command, options);
  assert.equal(first, process.execPath);
  assert.deepEqual(rest, ["--test", ...options, ...command.slice(2)]);
});

test("a reporter that is asked for takes the place of the usual one", () => {
  const command = withOptions(tests(["test/stages/stages.test.ts"], 1), ["--test-reporter=tap"]);
  assert.deepEqual(
    command.filter((word) => word.startsWith("--test-reporter")),
    ["--test-reporter=tap"],
  );
});

test("a stage fails by its command, by what cannot be run and by what it leaves, and keeps no other from running", async () => {
  const script = (text: string) => [["sh", "-c", text]];
  const stages = {
    good: stage({ commands: () => script("true") }),
    bad: stage({ commands: () => [...script("seq 100; echo why >&2; exit 3"), ...script("exit 4")] }),
    gone: stage({ commands: () => [["no-such-program"]] }),
    empty: stage({ commands: () => [tests(["test/none/*.test.ts"], 1)] }),
    litter: stage({ commands: () => script('echo > "$TMPDIR/litter"') }),
    counts: stage({
      commands: (size) => script(`test "$N" = 2 && test ${size} = quick`),
      counts: { N: { quick: "2", full: "3" } },
    }),
    own: stage({ commands: () => [node("-e", "process.exitCode = process.env.BPF_APP_TEST_RUN ? 0 : 1")] }),
  };
  const sink = () => {};
  const results = await runStages(Object.keys(stages), { stages, size: "quick", options: [], sink });
  const problems = (name: string) => results.find((one) => one.name === name)?.problems ?? ["it did not run"];
  for (const name of ["good", "counts", "own"]) assert.deepEqual(problems(name), []);
  const [bad = "", ...others] = problems("bad");
  assert.match(
    bad,
    /^sh -c seq 100; echo why >&2; exit 3 … ended with 3 after .*\n {4}\| 6[12]\n.*\| 100(\n|$)/s,
  );
  assert.match(bad, / {4}\| why(\n|$)/);
  assert.deepEqual(others, []);
  assert.match(problems("gone").join("|"), /^no-such-program cannot be started/);
  assert.match(problems("empty").join("|"), /^no test is named/);
  assert.match(problems("litter").join("|"), /^left behind: temporary file or folder .*litter$/);
});

test("interrupted, what runs is ended with all it started, and nothing more begins", async () => {
  const interrupt = new AbortController();
  const stages = {
    long: stage({ commands: () => [["sh", "-c", "sleep 1234.5 & echo begun; wait"]], uses: ["cores"] }),
    next: stage({ commands: () => [["true"]] }),
  };
  const sink = (chunk: Buffer | string) => {
    if (`${chunk}`.includes("begun")) interrupt.abort();
  };
  const { signal } = interrupt;
  const results = await runStages(Object.keys(stages), { stages, size: "quick", options: [], sink, signal });
  assert.deepEqual(
    results.map(({ name }) => name),
    ["long"],
  );
  assert.match(
    results[0]?.problems.join("|") ?? "",
    /ended with SIGTERM.*\| begun\|left behind: process \d+: sleep 1234\.5/s,
  );
});

test("nothing but the stage packages builds the two packages anew while others use them", () => {
  // The kernels' builder does so only if it is run alone, after an edit; benchmarks are never run beside tests.
  const may = /^(run\.ts|kernels\/build\.ts|bench\/.*|stages\/stages\.test\.ts)$/;
  const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" });
  const others = files
    .filter((file) => file.endsWith(".ts") && !may.test(file))
    .filter((file) => readFileSync(join(ROOT, "test", file), "utf8").includes("build.mjs"));
  assert.deepEqual(others, []);
});
