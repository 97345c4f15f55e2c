import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

/** The text of a file, or undefined if it does not exist or cannot be read. */
export function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** The text of a file. Unlike those of `readFileSync`, an error of this function always has the path. */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw Object.assign(error as Error, { path: file });
  }
}

/** Writes a file so that a reader sees either the old text or the new one, never a part. Creates the file's folder. */
export function replaceFile(file: string, text: string): void {
  const beside = `${file}.${process.pid}~`;
  makeFolder(dirname(file));
  try {
    writeFileSync(beside, text);
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) rmSync(file, { recursive: true });
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    // Some errors have no path, and others that of the file beside it, which nobody knows.
    throw Object.assign(error as Error, { path: file });
  }
}

/**
 * Makes a folder and those above it. Node says ENOENT where the first of them cannot be made, for whatever reason; the
 * error here is the reason itself, such as EROFS.
 */
function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    let first = folder;
    while (!existsSync(dirname(first))) first = dirname(first);
    // A link that leads nowhere is there, and its error is the first one.
    if (lstatSync(first, { throwIfNoEntry: false })) throw error;
    mkdirSync(first);
    throw error;
  }
}
