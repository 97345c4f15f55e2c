/**
 * The character of an absolute path because of which no app can be built there, or undefined. Line ends and other
 * control characters end a line in the files that tools of the build write for each other; everything else that make
 * cannot take is got round by the build.
 */
export function unbuildablePath(path: string): string | undefined {
  return /\p{Cc}/u.exec(path)?.[0];
}
