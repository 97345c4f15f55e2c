// What builds put into a file for those who hand it on: licences, and a bill of materials.
import { Failure } from "../base/failure.ts";
import { type Blob, readBlob } from "./blob.ts";
import type { Bytes } from "./bytes.ts";
import { findBlob, readAbout, readAsset, readExecutable, withBytes } from "./executable.ts";
import { inspectBytes } from "./inspect.ts";
import { NOTICES, type Notices, parseNotices } from "./notices.ts";
import { completeSbom, SBOM, type Sbom } from "./sbom.ts";

/** The licences of all that is in an executable. */
export interface Licences extends Notices {
  readonly file: string;
}

/**
 * The licences of all that is in an executable, as its build put them into it.
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged, not-noted
 */
export function licencesOf(path: string, name = path): Promise<Licences> {
  return withBytes(path, name, async (bytes) => {
    const { segments } = await readExecutable(bytes);
    const blob = await readBlob(bytes, await findBlob(bytes, segments));
    const notices = await readAsset(bytes, blob, NOTICES);
    if (notices === undefined) throw await notNoted(bytes, blob);
    return { file: bytes.path, ...parseNotices(bytes.path, notices) };
  });
}

/**
 * The bill of materials of an executable (CycloneDX 1.6).
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged, not-noted
 */
export function sbomOf(path: string, name = path): Promise<Sbom> {
  return withBytes(path, name, async (bytes) => {
    const found = await inspectBytes(bytes);
    const { segments } = await readExecutable(bytes);
    const blob = await readBlob(bytes, await findBlob(bytes, segments));
    const sbom = await readAsset(bytes, blob, SBOM);
    if (sbom === undefined) throw await notNoted(bytes, blob);
    return completeSbom(bytes.path, sbom, found);
  });
}

/** A file of another program is said to be one, before it is said that it lacks something. */
async function notNoted(bytes: Bytes, blob: Blob): Promise<Failure> {
  await readAbout(bytes, blob);
  return new Failure("inspect", { kind: "not-noted", path: bytes.path });
}
