import type { SkeletonClass } from "../../../toolchain/src/runtime/index.ts";
import { job, openDescriptors, settle } from "./job.ts";
import { argumentsOf, expected, members, Scene, type Skel } from "./scene.ts";

export type State = "open" | "loaded" | "attached" | "detached" | "failed" | "destroyed";
const STATES: readonly State[] = ["open", "loaded", "attached", "detached", "failed", "destroyed"];

export async function classOf(name: string): Promise<SkeletonClass<Skel>> {
  return ((await import(job.modules[name]!)) as Record<string, SkeletonClass<Skel>>)[name]!;
}

/** Something that does not exist, so that load is refused. */
function refuse(skel: Skel): void {
  const program = Object.values(skel.progs)[0]!;
  program.setType(1);
  program.setExpectedAttachType(40);
  for (const map of Object.values(skel.maps)) map.setFlags(0xffff_ffff);
}

/** Brings an opened skeleton into a state; what is refused on the way is none of the calls' business. */
export function reach(skel: Skel, state: State): void {
  if (state === "failed") refuse(skel);
  if (state === "open") return;
  let refused = false;
  try {
    skel.load();
    if (state === "attached" || state === "detached" || state === "destroyed") skel.attach();
  } catch (error) {
    if (!expected(error)) throw error;
    refused = true;
  }
  if (state === "failed" && !refused) throw new Error("what was to be refused was loaded");
  if (state === "detached") skel.detach();
}

export async function sweepStates(): Promise<void> {
  for (const name of Object.keys(job.modules)) {
    const Class = await classOf(name);
    for (const state of STATES) {
      const before = openDescriptors();
      await sweepState(`${name} ${state}`, Class.open(), state);
      await settle();
      const left = openDescriptors() - before;
      if (left > 0) throw new Error(`${name} ${state}: ${left} descriptors are left open`);
    }
  }
}

export async function sweepState(label: string, skel: Skel, state: State): Promise<void> {
  reach(skel, state);
  const scene = new Scene(label, skel);
  if (state === "destroyed") {
    // What a living skeleton gives, used after its end.
    for (const thing of [...scene.things])
      for (const member of members(thing))
        if (
          !member.ends &&
          /^(?:attach|create|events|read)$|^attach(?:Trace|Iter|SocketFilter|Tcx|Xdp)/.test(
            String(member.key),
          )
        )
          for (const list of argumentsOf(member, scene.own(thing))) scene.call(thing, member, list);
    skel.destroy();
  }
  // What comes out of the calls is swept too, and in the end the skeleton itself.
  for (let i = 0; i < scene.things.length; i++) scene.sweep(scene.things[i]!);
  scene.sweep({ name: "skeleton", object: skel });
  await scene.end();
}
