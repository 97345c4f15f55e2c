import type { SkeletonSpec } from "../../toolchain/src/runtime/spec.ts";

export * from "../../toolchain/src/runtime/codec.ts";
export { Memory } from "../../toolchain/src/runtime/memory.ts";

/** In place of the runtime's: what it is given is what there is to test. */
export function defineSkeleton<_Skeleton>(spec: SkeletonSpec): SkeletonSpec {
  return spec;
}
