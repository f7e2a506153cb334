/** A moment: milliseconds since 1970-01-01 UTC, as the monitor's clock told it. */
export type Moment = number;

/** A span of time in milliseconds. */
export type Milliseconds = number;
