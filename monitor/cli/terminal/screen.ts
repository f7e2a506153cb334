import type { Terminal } from './terminal.ts';

/** A live screen that is redrawn in place. */
export interface Screen {
  /**
   * Shows these lines; only lines that differ from what stands there are written. Nothing is while the
   * terminal has not taken what was drawn before.
   */
  draw(lines: readonly string[]): void;
  /** Gives the terminal back as it was. */
  close(): void;
}

const escape = '\u001b';
const enter = `${escape}[?1049h${escape}[?25l${escape}[H${escape}[2J`;
const leave = `${escape}[?25h${escape}[?1049l`;
/** Synchronized output: terminals that know it show the whole update at once, others ignore it. */
const begin = `${escape}[?2026h`;
const end = `${escape}[?2026l`;

/** Opens the terminal's second screen, so that the person's scroll-back stays untouched. */
export function openScreen(terminal: Terminal): Screen {
  let standing: readonly string[] = [];
  let drawnFor = '';
  let isOpen = true;
  const forget = terminal.whenLost(() => terminal.write(leave));
  terminal.write(enter);
  return {
    draw(lines) {
      if (!isOpen || !terminal.hasTakenAll()) return;
      const { columns, rows } = terminal.size();
      const size = `${columns}x${rows}`;
      // After a change of size the terminal may have moved what stood there.
      const clear = size === drawnFor ? '' : `${escape}[2J`;
      if (clear !== '') standing = [];
      drawnFor = size;
      const count = Math.max(lines.length, standing.length);
      let update = '';
      for (let row = 0; row < count; row += 1) {
        const line = lines[row] ?? '';
        if (line === standing[row]) continue;
        // Erased before it is written: after a line of full width the cursor stands on its last cell.
        update += `${escape}[${row + 1};1H${escape}[2K${line}`;
      }
      standing = lines;
      if (clear + update !== '') terminal.write(begin + clear + update + end);
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      forget();
      terminal.write(leave);
    },
  };
}
