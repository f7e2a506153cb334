/** The name of every table that Sentra makes, in every family. */
export const tableName = 'sentra';

/** Where the resolver listens in the container's network namespace, on its loopback addresses. */
export const resolverPort = 15_353;

/** Where names that nobody has decided about are answered, on the same loopback address. */
export const answerPort = 15_354;

/** Where what was refused of plain HTTP is told so, on the loopback addresses: kernel/explain.c. */
export const refusalPort = 15_355;

/**
 * What refused names are answered with, so that what tries to get there is told that it was refused.
 * Of 240.0.0.0/4, which is reserved (RFC 1112): no host has it.
 */
export const refusalAddress = '241.0.0.1';

/** The group of the kernel's log that held packets go to. */
export const logGroup = 15_353;

/** Placeholders for undecided names are of this range: see kernel/placeholders.h. */
export const placeholderRange = '240.0.0.0/8';

/** How many destinations are counted one by one; more are counted together. */
export const mostSeen = 4096;

/**
 * The greatest time to live that the resolver tells of an answer, seconds. An address is let through for
 * at most twice as long after the last answer that led to it: see `keptSet`.
 */
export const greatestTtl = 300;
