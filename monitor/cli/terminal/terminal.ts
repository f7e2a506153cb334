/** What the command line writes to and asks. */
export interface Terminal {
  /** Writes to standard output as it is: what comes from containers has been made plain before. */
  write(text: string): void;
  /** Whether so much waits for a slow reader that nothing should be added that can be left out. */
  isBehind(): boolean;
  /** Whether nothing waits: a reader who stalls is shown the newest and not all that came before. */
  hasTakenAll(): boolean;
  /** Writes one line to standard error, or leaves it out where that takes nothing. */
  complain(line: string): void;
  /** Whether standard output is a terminal that shows a live table. */
  readonly isLive: boolean;
  /** Whether colours are wanted: a terminal, and no NO_COLOR. */
  readonly isColoured: boolean;
  /** Columns and rows now. */
  size(): { readonly columns: number; readonly rows: number };
  /** Runs `restore` should the process end unforeseen; returns what takes that back. */
  whenLost(restore: () => void): () => void;
  /** Asks a question and resolves to the line typed; undefined where nobody can be asked. */
  ask(question: string): Promise<string | undefined>;
}
