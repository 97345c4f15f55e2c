import { execAndExit } from "../exec-exit.ts";

export default execAndExit("exit-seven");
