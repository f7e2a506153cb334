import { plainText } from './plain-text.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Takes lines for the person who runs the monitor. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

const order: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];

/**
 * A logger that writes `HH:MM:SS level message` lines through `write`, from `floor` upwards.
 * Control characters in messages are shown, not sent.
 */
export function createLogger(write: (line: string) => void, floor: LogLevel = 'info'): Logger {
  function log(level: LogLevel, message: string): void {
    if (order.indexOf(level) < order.indexOf(floor)) return;
    const time = new Date().toTimeString().slice(0, 8);
    write(`${time} ${level} ${plainText(message, 2000)}\n`);
  }
  return {
    debug: (message) => log('debug', message),
    info: (message) => log('info', message),
    warn: (message) => log('warn', message),
    error: (message) => log('error', message),
  };
}

/** Takes lines and keeps none. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
