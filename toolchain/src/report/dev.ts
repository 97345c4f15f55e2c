import { terminal } from "./terminal.ts";

/** What became of the maps of one skeleton, when a new run of the app took over. */
export interface SkeletonChange {
  readonly kept: readonly string[];
  /** Maps that start empty, and why. */
  readonly fresh: readonly { readonly map: string; readonly why: string }[];
  /** Data sections that start anew, with the values of those variables that are the same. */
  readonly carried: readonly string[];
}

/** Says why a build after a change failed. The app that runs keeps running. */
export function reportRebuildFailed(why: string): void {
  terminal.error(why);
}

/** Says that the new app runs, how long the build took, in milliseconds, and which maps it has from the one before. */
export function reportRebuilt(milliseconds: number, changes: readonly SkeletonChange[]): void {
  say(`rebuilt in ${(milliseconds / 1000).toFixed(1)} s${mapsText(changes)}`);
}

/** The maps, as the rest of a sentence: ": kept counts, rb; events starts empty: struct event: field `x` is new". */
export function mapsText(changes: readonly SkeletonChange[]): string {
  const kept = changes.flatMap((change) => change.kept);
  const parts = kept.length > 0 ? [`kept ${kept.join(", ")}`] : [];
  for (const { fresh, carried } of changes)
    for (const { map, why } of fresh) {
      if (carried.includes(map)) parts.push(`${map} is laid out anew, with the values it had: ${why}`);
      else parts.push(`${map} starts ${map.startsWith(".") ? "with its initial values" : "empty"}: ${why}`);
    }
  return parts.length > 0 ? `: ${parts.join("; ")}` : "";
}

/** Says that the app has ended by itself. */
export function reportEnded(status: number): void {
  say(`app ended with ${status}, waiting for a change.`);
}

/** Says that the new app has ended before it had taken over, so that the old one goes on. */
export function reportNotTaken(status: number): void {
  say(
    `the new app ended with ${status} before it had taken over. The old one goes on, waiting for a change.`,
  );
}

/** Says that the new app cannot run beside the old one, which therefore ends first from now on. */
export function reportExclusive(code: string): void {
  say(`the new app cannot start while the old one runs (${code}): the old one is ended first.`);
}

/** Says that the old app ends before the new one is attached, so that what happens between is lost. */
export function reportReleased(): void {
  say("the old app is ended first, because only one can be attached where it is. Events between are lost.");
}

/** Says that the new app takes its time, and that the old one runs meanwhile. */
export function reportWaiting(): void {
  say("the new app has attached nothing yet. Until then the old one goes on.");
}

/** Says why maps are not kept. */
export function reportNotKept(reason: string): void {
  say(`maps are not kept: ${reason}`);
}

/** Says that the app does not end though it was asked to. */
export function reportKilled(): void {
  say("the old app did not end when it was asked to, and was killed.");
}

function say(text: string): void {
  terminal.error(`bpf-app: ${text}\n`);
}
