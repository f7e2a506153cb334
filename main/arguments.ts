import { parseArgs } from 'node:util';
import type { ProcessOptions } from '../monitor/rpc/process-message.ts';

/** What the command line of the tray app says. */
export interface ShellArguments {
  readonly isHidden: boolean;
  /** The words after `disarm`, where that is the first of Sentra’s own: nothing is shown then. */
  readonly disarm: readonly string[] | undefined;
  readonly monitor: ProcessOptions;
}

/**
 * Reads the arguments that are Sentra's own, without a program's name. Others are passed over:
 * Electron and the desktop put switches of their own in.
 */
export function readArguments(words: readonly string[]): ShellArguments {
  const { values } = parseArgs({
    args: [...words],
    strict: false,
    options: {
      hidden: { type: 'boolean' },
      simulate: { type: 'boolean' },
      engine: { type: 'string' },
      policy: { type: 'string' },
      state: { type: 'string' },
    },
  });
  const text = (value: string | boolean | undefined): string | undefined =>
    typeof value === 'string' ? value : undefined;
  const engine = text(values.engine);
  const policyFile = text(values.policy);
  const stateFolder = text(values.state);
  return {
    disarm: disarmWords(words),
    isHidden: values.hidden === true,
    monitor: {
      ...(engine === undefined ? {} : { engine }),
      ...(policyFile === undefined ? {} : { policyFile }),
      ...(stateFolder === undefined ? {} : { stateFolder }),
      ...(values.simulate === true ? { simulate: true } : {}),
    },
  };
}

/** What follows `disarm` where that is the first word, but for what is meant for Chromium. */
function disarmWords(words: readonly string[]): readonly string[] | undefined {
  const [first, ...rest] = words.filter(
    (word) => !/^--(?:no-sandbox|ozone-platform=|user-data-dir=)/.test(word),
  );
  return first === 'disarm' ? rest : undefined;
}
