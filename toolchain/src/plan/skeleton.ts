import type { Program } from "../config/discover.ts";
import { BPFTOOL, built, output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Generates NAME.skel.h for the addon and NAME.skel.ts for the app, both from NAME.bpf.o. For the types of events
 * NAME.tmp.bpf.o is read too, which has debugging information as well.
 * NAME.skel.ts has one place for all architectures, because that is what the app's sources import.
 */
export function skeleton(input: PlanInput, { name, source, headers, events }: Program): Step[] {
  const { host } = input;
  const compiled = built(input, `${name}.tmp.bpf.o`);
  const object = built(input, `${name}.bpf.o`);
  const header = built(input, `${name}.skel.h`);
  const module = output(`${name}.skel.ts`);
  return [
    {
      id: `skel.h:${name}`,
      label: "GEN-SKEL",
      subject: `${name}.skel.h`,
      argv: [BPFTOOL, "gen", "skeleton", object],
      inputs: [BPFTOOL, object],
      outputs: [header],
      stdout: header,
      tools: [],
    },
    {
      id: `skel.ts:${name}`,
      label: "GEN-TS",
      subject: `${name}.skel.ts`,
      argv: [
        "bpf-app",
        "skeleton",
        name,
        object,
        "--compiled",
        compiled,
        ...Object.entries(events).flatMap(([map, type]) => ["--event", `${map}=${type}`]),
        ...[source, ...headers].flatMap((file) => ["--source", file]),
      ],
      inputs: [object, compiled, source, ...headers],
      outputs: [module],
      stdout: module,
      tools: [host.self],
    },
  ];
}
