/** What the window may ask of the monitor. Each is a method of the monitor's protocol. */
export const monitorChannels = [
  'snapshot',
  'findings',
  'actions',
  'pause',
  'kill',
  'quarantine',
  'resume',
  'release',
  'calls',
  'starts',
  'history',
  'timeline',
  'decisions',
  'containerFacts',
  'processes',
  'acknowledge',
  'unacknowledge',
  'markFalse',
  'unmarkFalse',
  'mute',
  'unmute',
  'policyText',
  'checkPolicy',
  'savePolicy',
  'policyVersion',
  'previewPolicy',
  'previewProgress',
  'cancelPreview',
  'enforce',
  'observe',
  'alarms',
  'raiseAlarmBudget',
  'lowerAlarmBudget',
  'settings',
  'setRetention',
  'setSelection',
  'egressList',
  'egressProve',
  'egressEnforce',
  'egressAsk',
  'egressObserve',
  'egressOff',
  'egressSave',
  'egressPreset',
  'egressProfile',
  'egressImport',
  'egressUndo',
  'egressHeld',
  'egressHeldAllow',
  'egressHeldDeny',
  'egressHeldRefuse',
  'egressHeldDefer',
  'egressLockdown',
  'egressLift',
  'egressErase',
  'egressPresets',
  'egressExport',
  'egressSeen',
  'egressCheck',
  'egressLearn',
] as const;

/** What the window may ask of the desktop shell itself. */
export const shellChannels = [
  'subscribe',
  'unsubscribe',
  'shellState',
  'restartMonitor',
  'demonstrate',
  'setEngine',
  'lookedBack',
  'setAppearance',
  'setLoginItem',
  'disarmList',
  'disarm',
  'openHelp',
  'closeWindow',
] as const;

export type MonitorChannel = (typeof monitorChannels)[number];
export type ShellChannel = (typeof shellChannels)[number];
export type ChannelName = MonitorChannel | ShellChannel;

/** The one channel on which the shell tells the window what happens. */
export const eventChannel = 'sentra:event';

/** The name under which a channel is known to Electron. */
export function wireName(channel: ChannelName): string {
  return `sentra:${channel}`;
}
