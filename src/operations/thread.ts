/** Where a thread of the program begins. What it loads, it loads when it is asked for the work. */
import { makeNames, makeNamesWork, serveThread } from "#foundation";

serveThread({ [makeNamesWork]: makeNames });
