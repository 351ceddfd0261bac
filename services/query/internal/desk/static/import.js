// The page of one import.
import { commands } from "./commands.js";
import { follow } from "./follow.js";
import { mapping } from "./mapping.js";
import { mended } from "./mended.js";
import { by } from "./page.js";
import { starts } from "./start.js";

const main = by("import");
const following = follow(main);
for (const listens of [commands, mapping, mended, starts]) listens(main, following);
