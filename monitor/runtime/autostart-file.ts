import { posix } from 'node:path';

/**
 * The file by which desktops on Linux start Sentra with the person's session, absolute, where there is
 * one: in `autostart` of `$XDG_CONFIG_HOME`, else of `~/.config`.
 */
export function autostartFile({
  environment,
  home,
}: {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The person's home folder, absolute. */
  readonly home: string;
}): string {
  const configuration = environment['XDG_CONFIG_HOME'];
  const base =
    configuration?.startsWith('/') === true ? configuration : posix.join(home, '.config');
  return posix.join(base, 'autostart', 'dev.sentra.app.desktop');
}
