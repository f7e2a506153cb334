import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Moment } from '../../monitor/model/time.ts';
import { messageOf } from '../../monitor/runtime/logger.ts';
import type { Logger } from '../../monitor/runtime/logger.ts';
import { makeFolder } from '../../monitor/runtime/make-folder.ts';
import { appearances } from '../../preload/shell.ts';
import type { Appearance } from '../../preload/shell.ts';

const fileSchema = z.object({
  appearance: z.enum(appearances).default('system'),
  engine: z.string().min(1).max(4096).optional(),
  firstDay: z.object({ since: z.number(), lookedBack: z.boolean() }).optional(),
});

/** What the shell keeps of a person's choices. A choice that cannot be written down throws, and changes nothing. */
export interface ShellSettings {
  appearance(): Appearance;
  setAppearance(appearance: Appearance): void;
  /** The engine that was chosen; undefined: the one that is found by itself. */
  engine(): string | undefined;
  setEngine(engine: string | undefined): void;
  /** When Sentra first watched, and whether the look back on that day is done with. */
  firstDay(): z.infer<typeof fileSchema>['firstDay'];
  /** Never throws: nobody chose it. What cannot be written down is known until Sentra ends. */
  setFirstDay(day: { readonly since: Moment; readonly lookedBack: boolean }): void;
}

/** The choices kept in a small JSON file. One that cannot be read counts as none. */
export function openShellSettings(file: string, logger: Logger): ShellSettings {
  let settings = read(file, logger);

  function keep(next: typeof settings): void {
    makeFolder(dirname(file), 0o700);
    writeFileSync(`${file}.new`, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
    settings = next;
  }

  return {
    appearance: () => settings.appearance,
    setAppearance: (appearance) => keep({ ...settings, appearance }),
    engine: () => settings.engine,
    setEngine: (engine) => keep({ ...settings, engine }),
    firstDay: () => settings.firstDay,
    setFirstDay(firstDay) {
      try {
        keep({ ...settings, firstDay });
      } catch (error) {
        logger.warn(`The first day could not be written down: ${messageOf(error)}`);
        settings = { ...settings, firstDay };
      }
    },
  };
}

function read(file: string, logger: Logger): z.infer<typeof fileSchema> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    // Nothing was chosen yet.
    return fileSchema.parse({});
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (error) {
    logger.warn(`The settings of the window could not be read: ${messageOf(error)}`);
    return fileSchema.parse({});
  }
}
