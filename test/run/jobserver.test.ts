import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import type { Tool } from "../../toolchain/src/host/tool.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { concat, shell, Workshop } from "./workshop.ts";

const make: Tool = { name: "make", path: "/usr/bin/make", version: "", identity: "make 1" };

/** Every command notes when it begins and ends, in one file. */
const MAKEFILE = `all: ${"abcdef".split("").join(" ")}
%:
	@echo + >> $(LOG); sleep 0.05; echo - >> $(LOG); echo $@ > $(O)$@
`;

function makeStep(id: string, log: string): Step {
  return {
    ...shell(
      id,
      ["Makefile"],
      [..."abcdef"].map((name) => `${id}/${name}`),
      "",
    ),
    argv: ["make", "-s", `LOG=${log}`, { prefix: "O=", out: `${id}/` }, ..."abcdef"],
    tools: [make],
    jobserver: true,
  };
}

/** The most commands that ran at once, by the notes of their beginnings and ends. */
function peak(log: string): number {
  let most = 0;
  let now = 0;
  for (const mark of readFileSync(log, "utf8").split("\n")) {
    if (mark === "+") now++;
    if (mark === "-") now--;
    most = Math.max(most, now);
  }
  assert.equal(now, 0);
  return most;
}

for (const jobs of [1, 2, 4]) {
  test(`make's children and other steps share ${jobs} slots`, async (t) => {
    const shop = new Workshop(t);
    shop.write("Makefile", MAKEFILE);
    const log = shop.path("log");
    const plain = [1, 2, 3].map((n) =>
      shell(`step ${n}`, [], [`s${n}`], `echo + >> ${log}; sleep 0.05; echo - >> ${log}; echo > "$1"`),
    );
    const built = await shop.build(
      [makeStep("m1", log), makeStep("m2", log), ...plain, concat("end", ["m1/f", "m2/f"], "end")],
      { jobs },
    );
    assert.equal(built.failure, undefined);
    assert.equal(built.ran.length, 6);
    const said = built.events.flatMap((event) => (event.type === "output" ? [event.text] : []));
    assert.deepEqual(said, [], "no warning of make about its jobserver");
    assert.equal(peak(log), jobs);
  });
}

test("the slots that a killed make had taken are free again", async (t) => {
  const shop = new Workshop(t);
  const take = shell("thief", [], ["t"], 'echo > "$1"; dd bs=1 count=2 <&3 >/dev/null 2>&1', {
    jobserver: true,
  });
  const rest = [1, 2, 3, 4].map((n) => concat(`${n}`, ["t"], `${n}`));
  assert.equal((await shop.ran([take, ...rest], { jobs: 3 })).length, 5);
});
