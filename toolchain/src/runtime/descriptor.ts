/** Something that is open in this process: a program, a map, a link, a socket. */
export interface HasFd {
  /** Its file descriptor. */
  readonly fd: number;
}
