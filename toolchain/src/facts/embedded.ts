/** The name of the addon in an executable. It holds the objects of all skeletons that the executable's app imports. */
export const EMBEDDED_ADDON = "addon";
