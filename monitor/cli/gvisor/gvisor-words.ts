import type { EngineRuntime } from '../../engine/port.ts';
import { plainText } from '../../runtime/plain-text.ts';

/** From when on what the containers of a runtime call is seen. */
export type RuntimeTracing =
  /** From a moment after their start on. */
  | 'after-start'
  /** From the first instruction on, by Sentra's file. */
  | 'from-start'
  /** Its configuration names another file than Sentra's. */
  | 'elsewhere';

const option = '--pod-init-config';

/** The file that a runtime's arguments name for new containers; undefined for none. */
function fileOf(args: readonly string[]): string | undefined {
  const at = args.findLastIndex((arg) => arg === option || arg.startsWith(`${option}=`));
  const arg = args[at];
  return arg === option ? args[at + 1] : arg?.slice(option.length + 1);
}

/** The runtimes that are gVisor, by the name of their program, with from when on they are traced. */
export function gvisorRuntimes(
  runtimes: readonly EngineRuntime[],
  traceFile: string,
): readonly (EngineRuntime & { readonly tracing: RuntimeTracing })[] {
  return runtimes
    .filter(({ path }) => /(?:^|\/)runsc$/.test(path))
    .map((runtime) => {
      const file = fileOf(runtime.args);
      const tracing =
        file === undefined ? 'after-start' : file === traceFile ? 'from-start' : 'elsewhere';
      return { ...runtime, tracing };
    });
}

/**
 * What stands with the runtimes, and what a person has to do so that their containers are seen from
 * the first instruction on: lines. `hasFile`: whether Sentra's file is there.
 */
export function gvisorLines(
  runtimes: readonly EngineRuntime[],
  traceFile: string,
  hasFile: boolean,
): readonly string[] {
  const found = gvisorRuntimes(runtimes, traceFile);
  if (found.length === 0) return ['This engine has no runtime of gVisor.'];
  const named = (tracing: RuntimeTracing): string =>
    found
      .filter((one) => one.tracing === tracing)
      .map(({ name }) => plainText(name, 80))
      .join(', ');
  const [after, from, elsewhere] = [named('after-start'), named('from-start'), named('elsewhere')];
  const lines: string[] = [];
  if (from !== '') {
    lines.push(`${from}: seen from the first instruction on, while a monitor runs as root.`);
    if (!hasFile) {
      lines.push(
        `Its configuration names ${traceFile}, which is not there: no container of it starts. ` +
          'Run: sudo sentra gvisor install',
      );
    }
  }
  if (elsewhere !== '') {
    lines.push(
      `${elsewhere}: traced from the start for something else than Sentra, and seen from a moment later on.`,
    );
  }
  if (after === '') return lines;
  lines.push(
    `${after}: seen from a moment after a container's start on. To see from the first instruction on:`,
    '',
  );
  if (!hasFile) lines.push('  sudo sentra gvisor install', '');
  lines.push(
    'then in the engine’s configuration, /etc/docker/daemon.json unless it was told another:',
    '',
    ...JSON.stringify({ runtimes: withFile(found, traceFile) }, undefined, 2)
      .split('\n')
      .map((line) => `  ${plainText(line, 1000)}`),
    '',
    'then, which touches no container: sudo systemctl reload docker',
    `As long as it names ${traceFile}, that file has to stay: without it no container of these runtimes starts.`,
  );
  return lines;
}

function withFile(
  found: ReturnType<typeof gvisorRuntimes>,
  traceFile: string,
): Readonly<Record<string, object>> {
  return Object.fromEntries(
    found
      .filter(({ tracing }) => tracing === 'after-start')
      .map(({ name, path, args }) => [
        name,
        { path, runtimeArgs: [...args, `${option}=${traceFile}`] },
      ]),
  );
}
