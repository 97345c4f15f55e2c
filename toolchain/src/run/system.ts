import { Failure } from "../base/failure.ts";
import type { Step } from "../plan/step.ts";
import type { RunFailure } from "./failures.ts";

/** Turns an error of the operating system into a failure of this layer. Any other error is returned as it is. */
export function asRunFailure(error: unknown, path: string, step?: Step): unknown {
  if (error instanceof Failure) return error;
  const { code, path: place = path } = error as NodeJS.ErrnoException;
  if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) return error;
  const about = step ? { step, path: place } : { path: place };
  return new Failure("run", toFailure(code, about), { cause: error });
}

function toFailure(code: string, about: { step?: Step; path: string }): RunFailure {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return { kind: "no-space", ...about };
    case "EACCES":
    case "EPERM":
      return { kind: "permission", ...about };
    case "EROFS":
      return { kind: "read-only", ...about };
    default:
      return { kind: "system-error", code, ...about };
  }
}
