/** A place in the sources. */
export interface Place {
  readonly path: string;
  readonly line: number;
}

/** Why an object has no typed skeleton. */
export type SkeletonFailure =
  /** `of` is the thing that has the type: `struct event.when`, `global counts`, `key of map seen`. */
  | {
      readonly kind: "type-unrepresentable";
      readonly ctype: string;
      readonly of: string;
      readonly why: string;
      readonly place?: Place | undefined;
    }
  | {
      readonly kind: "map-malformed";
      readonly map: string;
      readonly what: string;
      readonly place?: Place | undefined;
    }
  /**
   * BPF_APP_EVENT or the configuration names a map that does not exist, or that carries no events. `type` is what the
   * configuration says of it.
   */
  | {
      readonly kind: "event-map-unknown";
      readonly map: string;
      readonly maps: readonly string[];
      readonly type?: string;
    }
  /** The configuration names a type that the program does not have. */
  | {
      readonly kind: "event-type-unknown";
      readonly map: string;
      readonly type: string;
      readonly known: readonly string[];
    }
  /** `__type(value, …)` and BPF_APP_EVENT declare different types for the same map. */
  | { readonly kind: "event-type-conflict"; readonly map: string; readonly types: readonly [string, string] }
  /** The object has more than a skeleton can hold. Only a hostile object has that much. */
  | { readonly kind: "skeleton-too-large"; readonly what: string }
  /** The object or a source cannot be read. `code` is the name of the error: `ENOENT`. */
  | { readonly kind: "skeleton-unreadable"; readonly path: string; readonly code: string }
  /** The action was called with the wrong arguments. */
  | { readonly kind: "skeleton-usage" };

declare module "../base/failure.ts" {
  interface Failures {
    skeleton: SkeletonFailure;
  }
}
