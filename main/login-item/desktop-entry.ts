/**
 * One argument of an Exec line, quoted as the Desktop Entry specification 1.5 asks: in double
 * quotes, with backslash before `"`, backtick, `$` and backslash, which are then escaped once more as
 * in every string; `%` is doubled, or it would be a field code.
 */
export function execArgument(argument: string): string {
  const quoted = argument.replaceAll(/["`$\\]/g, (character) => `\\${character}`);
  return `"${quoted.replaceAll('\\', '\\\\').replaceAll('%', '%%')}"`;
}

/** The line that says what an entry runs. */
export function execLine(command: readonly string[]): string {
  return `Exec=${command.map(execArgument).join(' ')}`;
}

/** The text of an autostart file that runs the command, whose arguments hold no line breaks. */
export function autostartEntry(command: readonly string[]): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=Sentra',
    'Comment=Watches AI agents in Docker containers',
    execLine(command),
    'Icon=sentra',
    'Terminal=false',
    'X-GNOME-Autostart-enabled=true',
    '',
  ].join('\n');
}

/** Whether an autostart file is in force: desktops switch one off by a line in it. */
export function isEnabled(entry: string): boolean {
  return !/^(?:Hidden\s*=\s*true|X-GNOME-Autostart-enabled\s*=\s*false)\s*$/m.test(entry);
}
