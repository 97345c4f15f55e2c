import { needy } from "../.output/needy.skel.ts";

using skel = needy.open();
skel.load();
console.log("loaded");
