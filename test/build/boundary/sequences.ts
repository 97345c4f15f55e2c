import fc from "fast-check";
import { collect, job } from "./job.ts";
import { argumentsOf, members, Scene } from "./scene.ts";
import { classOf } from "./states.ts";
import { membersOf } from "./things.ts";

/** Values that no type allows somewhere. */
const WILD = [
  undefined,
  null,
  true,
  -1,
  0,
  1,
  3,
  Number.NaN,
  2 ** 53,
  -(2n ** 63n),
  1n,
  "",
  "lo",
  "\u0000",
  "x".repeat(5000),
  [],
  {},
  { fd: 0 },
  { binary: 5, symbols: [null, {}], offsets: ["x"] },
  { signal: 1 },
  { dataIn: [1], ctxIn: new Float64Array(3), repeat: -1 },
  new Uint8Array(3),
  () => {},
  Symbol.iterator,
];
/** Of these the kernel would take any amount of memory. */
const SIZES = /^set(?:MaxEntries|ValueSize|KeySize|Pages)$/;

type Step =
  | { readonly kind: "load" | "attach" | "detach" | "destroy" | "collect" }
  | {
      readonly kind: "call";
      readonly thing: number;
      readonly member: number;
      readonly list: number;
      readonly wild: readonly number[];
    };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("load", "attach", "detach", "collect") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("load", "attach", "destroy") }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("call" as const),
      thing: fc.nat(),
      member: fc.nat(),
      list: fc.nat(),
      wild: fc.oneof(
        fc.constant([]),
        fc.array(fc.nat({ max: WILD.length - 1 }), { minLength: 1, maxLength: 3 }),
      ),
    }),
  },
);

export async function runSequences(): Promise<void> {
  const classes = await Promise.all(Object.keys(job.modules).map(classOf));
  const sequence = fc.tuple(
    fc.nat({ max: classes.length - 1 }),
    fc.array(STEP, { maxLength: 60, size: "max" }),
  );
  await fc.assert(
    fc.asyncProperty(sequence, async ([which, steps]) => {
      const Class = classes[which]!;
      const scene = new Scene(Class.name, Class.open());
      for (const step of steps) perform(scene, step);
      await scene.end();
    }),
    { numRuns: job.runs, seed: job.seed, endOnFailure: true },
  );
}

function perform(scene: Scene, step: Step): void {
  if (step.kind === "collect") collect();
  else if (step.kind !== "call") {
    const member = membersOf(scene.skel).find(({ key }) => key === step.kind)!;
    scene.call({ name: "skeleton", object: scene.skel }, member, []);
  } else {
    const thing = scene.things[step.thing % scene.things.length];
    const known = thing ? members(thing) : [];
    const member = known[step.member % known.length];
    if (!thing || !member) return;
    const lists = argumentsOf(member, scene.own(thing));
    const wild = step.wild.length > 0 && !SIZES.test(String(member.key));
    const list = wild ? step.wild.map((index) => WILD[index]) : lists[step.list % lists.length]!;
    scene.call(thing, member, list, wild);
  }
}
