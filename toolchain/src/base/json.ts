import { readFile } from "node:fs/promises";
import * as v from "valibot";

type Schema<T> = v.GenericSchema<unknown, T>;

/** Checks a value against a schema. `problem` is the first fault that was found: `sources.0.tag: is empty`. */
export function check<T>(
  schema: Schema<T>,
  value: unknown,
): { readonly value: T } | { readonly problem: string } {
  const result = v.safeParse(schema, value);
  if (result.success) return { value: result.output };
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  return { problem: path ? `${path}: ${issue.message}` : issue.message };
}

/**
 * Reads a JSON file and checks it against a schema.
 * @throws the error that `invalid` returns when the file cannot be read, is not JSON, or does not fit the schema
 */
export async function readJson<T>(
  path: string,
  schema: Schema<T>,
  invalid: (problem: string) => Error,
): Promise<T> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const checked = check(schema, value);
  if ("problem" in checked) throw invalid(checked.problem);
  return checked.value;
}
