/** In the order in which they are asked: the nearer to the pins, the earlier. */
export const ORIGIN_NAMES = ["git", "bundled", "pool", "index"] as const;
export type OriginName = (typeof ORIGIN_NAMES)[number];
