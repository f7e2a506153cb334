import type { MonitorState } from '../../preload/shell.ts';
import type { Picture } from '../picture/picture.ts';
import { trayMenu } from './menu.ts';
import type { MenuEntry } from './menu.ts';
import { moodOf } from './mood.ts';
import type { Mood } from './mood.ts';
import { statusSentence } from './words.ts';

/** All that is seen of the tray. */
export interface TrayFace {
  readonly mood: Mood;
  readonly tooltip: string;
  readonly menu: readonly MenuEntry[];
}

/** What the tray shows of a state of the watch; the same for the same state. */
export function trayFace(
  monitor: MonitorState,
  picture: Picture | undefined,
  lookBackDue = false,
): TrayFace {
  return {
    mood: moodOf(monitor, picture),
    tooltip: `Sentra – ${statusSentence(monitor, picture)}`,
    menu: trayMenu(monitor, picture, lookBackDue),
  };
}
