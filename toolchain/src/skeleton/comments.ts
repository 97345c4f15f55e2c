import type { Place } from "./failures.ts";

/** What the sources say about types, members and globals; BTF keeps no comments. */
export interface Comments {
  /** Of a struct, union or enum, by its tag or its C spelling. */
  type(tag: string): readonly string[];
  member(tag: string, name: string): readonly string[];
  /** Where a member, or with an empty tag a global, is declared. */
  place(tag: string, name: string): Place | undefined;
}

export const noComments: Comments = { type: () => [], member: () => [], place: () => undefined };
