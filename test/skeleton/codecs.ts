import type { SkeletonSpec } from "../../toolchain/src/runtime/spec.ts";

export * from "../../toolchain/src/runtime/codec.ts";
export { Memory } from "../../toolchain/src/runtime/memory.ts";

/** Stands in for the function of the runtime: a test looks at what it is given. */
export function defineSkeleton<_Skeleton>(spec: SkeletonSpec): SkeletonSpec {
  return spec;
}
