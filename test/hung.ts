/**
 * After how many milliseconds a command of a test counts as hung. None of them takes more than seconds by itself; on a machine
 * with more to do than it has processors some have taken a minute.
 */
export const HUNG_AFTER_MS = 120_000;
