import { isRunning } from '../../monitor/model/workload.ts';
import type { ContainerId } from '../../monitor/model/workload.ts';
import type { PersonAction, WorkloadView } from '../../monitor/rpc/service/service.ts';
import type { MonitorState, Place } from '../../preload/shell.ts';
import type { Picture } from '../picture/picture.ts';
import { hasLooseFinding, isBlind } from './mood.ts';
import { countOf, shownName, statusSentence, waitingOf } from './words.ts';

/** What a click on the menu asks for. */
export type TrayCommand =
  /** Done at once: it only takes freedom away. */
  | { readonly kind: 'act'; readonly name: PersonAction; readonly container: ContainerId }
  | { readonly kind: 'freeze-all' }
  /** Done at once: all containers are cut off from the network. */
  | { readonly kind: 'lock-down' }
  /** Done at once: from now on every rule does what it says. */
  | { readonly kind: 'enforce-all' }
  /** Opens the window there; what needs confirmation is asked in it. */
  | { readonly kind: 'open'; readonly place: Place }
  | { readonly kind: 'restart-monitor' }
  | { readonly kind: 'quit' };

/** A line of the menu, as data. Labels are plain text. */
export type MenuEntry =
  | { readonly kind: 'separator' }
  /** Says something, does nothing. */
  | { readonly kind: 'text'; readonly label: string }
  | { readonly kind: 'command'; readonly label: string; readonly command: TrayCommand }
  | { readonly kind: 'submenu'; readonly label: string; readonly entries: readonly MenuEntry[] };

/** More containers than this are in the window only: a menu is no list to scroll through. */
const listedLimit = 15;

const separator: MenuEntry = { kind: 'separator' };

/** The whole menu. Everything the tray can do is in it: Linux tells no clicks on the icon. */
export function trayMenu(
  monitor: MonitorState,
  picture: Picture | undefined,
  lookBackDue: boolean,
): MenuEntry[] {
  const watches = monitor.state === 'running' && picture !== undefined;
  return [
    { kind: 'text', label: statusSentence(monitor, picture) },
    { kind: 'command', label: 'Open Sentra', command: open({ screen: 'overview' }) },
    ...(lookBackDue ? [command('A day was watched: look back …', open({ screen: 'guide' }))] : []),
    ...(monitor.state === 'stopped' || monitor.state === 'waiting'
      ? [
          command(monitor.state === 'stopped' ? 'Start watching again' : 'Look for an engine now', {
            kind: 'restart-monitor',
          }),
        ]
      : []),
    separator,
    ...(watches ? heldEntries(picture) : []),
    ...(watches ? containerEntries(picture) : []),
    ...(watches ? lockdownEntries(picture) : []),
    ...(watches ? modeEntries(picture) : []),
    command('Quit Sentra (nothing is watched then)', { kind: 'quit' }),
  ];
}

function containerEntries(picture: Picture): MenuEntry[] {
  const views = [...picture.workloads.values()].filter(canBeActedOn).sort(byUrgency);
  const listed = views.slice(0, listedLimit);
  const more = views.length - listed.length;
  if (views.length === 0) {
    return [{ kind: 'text', label: 'No watched container is running' }, separator];
  }
  return [
    ...listed.map(containerEntry),
    ...(more === 0
      ? []
      : [command(`${countOf(more, 'further container')} …`, open({ screen: 'overview' }))]),
    separator,
    ...(views.some(canBeFrozen) ? [command('Freeze all agents', { kind: 'freeze-all' })] : []),
  ];
}

/** What a person may act on: what runs, and what is held. */
function canBeActedOn({ workload, containment }: WorkloadView): boolean {
  return containment !== undefined || isRunning(workload.state) || workload.state === 'paused';
}

/** What *Freeze all* freezes: what runs and is not frozen by Sentra already. */
export function canBeFrozen({ workload, containment }: WorkloadView): boolean {
  return isRunning(workload.state) && containment?.depth !== 'frozen';
}

function urgency(view: WorkloadView): number {
  if (hasLooseFinding(view)) return 0;
  if (view.containment !== undefined) return 1;
  return isBlind(view) ? 2 : 3;
}

function byUrgency(one: WorkloadView, other: WorkloadView): number {
  const difference = urgency(one) - urgency(other);
  if (difference !== 0) return difference;
  return one.workload.name < other.workload.name ? -1 : 1;
}

function containerEntry(view: WorkloadView): MenuEntry {
  const { container, name } = view.workload;
  const state = stateWord(view);
  return {
    kind: 'submenu',
    label: state === '' ? shownName(name) : `${shownName(name)} – ${state}`,
    entries: [
      ...actEntries(view),
      separator,
      command('Show in Sentra', open({ screen: 'container', container })),
    ],
  };
}

function stateWord(view: WorkloadView): string {
  const { containment, workload } = view;
  if (hasLooseFinding(view)) return 'not normal';
  if (containment !== undefined) return containment.depth;
  if (workload.state === 'paused') return 'paused';
  if (isBlind(view)) return 'blind';
  return view.learning.state === 'learning' ? 'learning' : '';
}

function actEntries(view: WorkloadView): MenuEntry[] {
  const { workload, containment } = view;
  const { container } = workload;
  const act = (label: string, name: PersonAction) =>
    command(label, { kind: 'act', name, container });
  const ask = (label: string, action: 'kill' | 'resume' | 'release') =>
    command(label, open({ screen: 'confirm', action, container }));
  const isFrozen = containment?.depth === 'frozen' || workload.state === 'paused';
  return [
    isFrozen ? ask('Resume …', 'resume') : act('Pause', 'pause'),
    ...(containment === undefined || containment.depth === 'limited'
      ? [act('Cut network', 'quarantine')]
      : []),
    ...(containment?.depth === 'quarantined' ? [ask('Give network back …', 'release')] : []),
    ask('Kill …', 'kill'),
  ];
}

/** What waits for an answer; to allow is a question of the window's. */
function heldEntries({ standing }: Picture): MenuEntry[] {
  const waiting = waitingOf(standing.held);
  if (waiting.length === 0) return [];
  const label = `${countOf(waiting.length, 'connection')} held: decide …`;
  return [command(label, open({ screen: 'egress', container: waiting[0]?.container })), separator];
}

/** Also with no container: what starts later is cut off as well. */
function lockdownEntries({ standing }: Picture): MenuEntry[] {
  return standing.lockdown === undefined
    ? [command('Lock down all (cut all egress)', { kind: 'lock-down' })]
    : [command('Lift lock down …', open({ screen: 'egress', asks: 'lift' }))];
}

function modeEntries({ policy }: Picture): MenuEntry[] {
  const observes = policy.mode === 'observe';
  return [
    {
      kind: 'submenu',
      label: observes
        ? 'Mode: observe (says what it would do)'
        : 'Mode: enforce (does what the rules say)',
      entries: [
        ...(observes ? [command('Enforce all rules now', { kind: 'enforce-all' })] : []),
        ...(observes
          ? []
          : [command('Only observe …', open({ screen: 'policy', asks: 'observe' }))]),
        command('Show the policy', open({ screen: 'policy' })),
      ],
    },
    separator,
  ];
}

function command(label: string, what: TrayCommand): MenuEntry {
  return { kind: 'command', label, command: what };
}

function open(place: Place): TrayCommand {
  return { kind: 'open', place };
}
