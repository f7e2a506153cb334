import type { PersonAction } from '../rpc/service/service.ts';
import type { EgressTask } from './egress/egress-task.ts';

/** What starts or attaches a watch. Undefined members mean the default. */
export interface WatchCommand {
  readonly name: 'watch';
  readonly engine: string | undefined;
  readonly policyFile: string | undefined;
  readonly learnMs: number | undefined;
  readonly stateFolder: string | undefined;
  readonly intervalMs: number | undefined;
  readonly simulate: boolean;
  readonly byApi: boolean;
  /** Where what the detectors are handed is recorded. */
  readonly recordFile: string | undefined;
  /** End after so long; undefined is until it is stopped. */
  readonly forMs: number | undefined;
  readonly isJson: boolean;
}

/** What every command asks that talks to a running monitor. */
interface Asking {
  /** Which monitor, where several run: its engine's address or id. */
  readonly engine: string | undefined;
  readonly isJson: boolean;
}

export interface StatusCommand extends Asking {
  readonly name: 'status';
}

export interface FindingsCommand extends Asking {
  readonly name: 'findings';
  /** Those that are over, too. */
  readonly all: boolean;
}

export interface ActCommand extends Asking {
  readonly name: 'act';
  readonly action: PersonAction;
  readonly target: string;
  /** Do not ask for confirmation. */
  readonly yes: boolean;
}

export interface EgressCommand extends Asking {
  readonly name: 'egress';
  readonly task: EgressTask;
}

/** What a container does: its system calls, or its process starts. */
export interface BehaviourCommand extends Asking {
  readonly name: 'syscalls' | 'processes';
  readonly target: string;
  /** For so long, once a second; undefined is until it is stopped on a terminal, else once. */
  readonly forMs: number | undefined;
}

export interface HelperCommand {
  readonly name: 'helper';
  readonly verb: 'install' | 'status' | 'remove';
  /** The engine's address; undefined for the one that the docker CLI would take. */
  readonly engine: string | undefined;
  /** The person has read what it is. */
  readonly yes: boolean;
  /** A port, even where the engine may be on this machine. */
  readonly byPort: boolean;
  readonly isJson: boolean;
}

export interface GvisorCommand extends Asking {
  readonly name: 'gvisor';
  readonly verb: 'status' | 'install' | 'remove';
}

export interface DisarmCommand {
  readonly name: 'disarm';
  /** The engine whose containers are freed, and whose helper is removed. */
  readonly engine: string | undefined;
  /** Where the record is kept; undefined for the usual place. */
  readonly stateFolder: string | undefined;
  /** The person has read what is taken away, or does not want to. */
  readonly yes: boolean;
  readonly isJson: boolean;
}

export interface AcknowledgeCommand extends Asking {
  readonly name: 'acknowledge';
  /** A finding's id, `CONTAINER/KIND`, or a container with one open finding. */
  readonly finding: string;
  /** Take it back. */
  readonly undo: boolean;
  /** It was a false alarm: counted as one, even if it is over. */
  readonly isFalse: boolean;
}

export interface BudgetCommand extends Asking {
  readonly name: 'budget';
  /** False alarms of one container and day, to be set; undefined only shows. */
  readonly alarmsPerDay: number | undefined;
}

export interface RetentionCommand extends Asking {
  readonly name: 'retention';
  /** To be set; undefined stays as it is. */
  readonly days: number | undefined;
  readonly megabytes: number | undefined;
}

export interface ReplayCommand {
  readonly name: 'replay';
  /** A recording, as watch --record writes it. */
  readonly file: string;
  readonly isJson: boolean;
}

/** What the person wants. */
export type Command =
  | WatchCommand
  | StatusCommand
  | FindingsCommand
  | ActCommand
  | EgressCommand
  | BehaviourCommand
  | HelperCommand
  | GvisorCommand
  | DisarmCommand
  | AcknowledgeCommand
  | BudgetCommand
  | RetentionCommand
  | ReplayCommand
  | { readonly name: 'policy-check'; readonly file: string }
  | { readonly name: 'help'; readonly about: HelpTopic | undefined }
  | { readonly name: 'version' };

/** The commands as they are typed. */
export const helpTopics = [
  'watch',
  'status',
  'findings',
  'pause',
  'kill',
  'quarantine',
  'resume',
  'release',
  'acknowledge',
  'budget',
  'retention',
  'policy',
  'egress',
  'syscalls',
  'processes',
  'helper',
  'gvisor',
  'disarm',
  'replay',
] as const;

export type HelpTopic = (typeof helpTopics)[number];

/** What the process ends with. */
export const exitCodes = {
  done: 0,
  /** It was tried and is not so; for `policy check`: the file has errors. */
  failed: 1,
  /** The command line was not understood. */
  usage: 2,
  /** No monitor runs. */
  nobodyWatches: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
