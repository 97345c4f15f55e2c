import { Failure } from "../base/failure.ts";
import { spell } from "../btf/layout.ts";
import type { Btf } from "../btf/types.ts";
import type { Place } from "./failures.ts";

/** Where a type was met: the thing that has the type, and where that is declared. For messages. */
export interface Use {
  readonly of: string;
  readonly place?: Place | undefined;
}

/**
 * Says that a type has no shape.
 *
 * @param why a sentence without its capital letter and its full stop
 * @throws Failure type-unrepresentable
 */
export function refuse(btf: Btf, id: number, { of, place }: Use, why: string): never {
  throw new Failure("skeleton", { kind: "type-unrepresentable", ctype: spell(btf, id), of, why, place });
}
