import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';
import { messageOf } from '../runtime/logger.ts';
import { failed, ok } from '../runtime/result.ts';
import type { Result } from '../runtime/result.ts';
import { personActions } from '../rpc/service/service.ts';
import type { PersonAction } from '../rpc/service/service.ts';
import { helpTopics } from './command.ts';
import type { Command, HelpTopic } from './command.ts';
import { parseBudget } from './budget-arguments.ts';
import { parseEgress } from './egress/egress-arguments.ts';
import { parseFile } from './file-arguments.ts';
import { parseGvisor } from './gvisor/gvisor-arguments.ts';
import { parseHelper } from './helper/helper-arguments.ts';
import { duration, wholeNumber } from './quantity-arguments.ts';

/** What was wrong with the command line, and how it is right: sentences. */
export interface UsageError {
  readonly message: string;
  readonly advice: string;
}

type Parsed = Result<Command, UsageError>;

const textOption = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const help = { type: 'boolean', short: 'h', default: false } as const;
const asking = { engine: textOption, json: flag, help } as const;

/** Understands the words after the program's name. */
export function parseCommand(words: readonly string[]): Parsed {
  const [name, ...rest] = words;
  if (name === undefined || name === '--help' || name === '-h') {
    return ok({ name: 'help', about: undefined });
  }
  if (name === '--version' || name === 'version') return ok({ name: 'version' });
  if (name === 'help') return parseHelp(rest);
  if (!isTopic(name)) return failed(unknownCommand(name));
  try {
    return parseTopic(name, rest);
  } catch (error) {
    return failed({ message: optionProblem(error), advice: `See: sentra help ${name}` });
  }
}

function parseTopic(name: HelpTopic, rest: readonly string[]): Parsed {
  switch (name) {
    case 'watch':
      return parseWatch(rest);
    case 'status': {
      const { values } = read(rest, asking, false);
      if (values.help) return helpAbout(name);
      return ok({ name, engine: values.engine, isJson: values.json });
    }
    case 'findings': {
      const { values } = read(rest, { ...asking, all: flag }, false);
      if (values.help) return helpAbout(name);
      return ok({ name, engine: values.engine, isJson: values.json, all: values.all });
    }
    case 'acknowledge':
      return parseAcknowledge(rest);
    case 'budget': {
      const command = parseBudget(rest);
      if (!command.ok) return command;
      return command.value === undefined ? helpAbout(name) : ok(command.value);
    }
    case 'retention':
      return parseRetention(rest);
    case 'policy':
    case 'replay':
    case 'egress': {
      const command = name === 'egress' ? parseEgress(rest) : parseFile(name, rest);
      if (!command.ok) return command;
      return command.value === undefined ? helpAbout(name) : ok(command.value);
    }
    case 'syscalls':
    case 'processes':
      return parseBehaviour(name, rest);
    case 'gvisor':
    case 'helper': {
      const command = name === 'gvisor' ? parseGvisor(rest) : parseHelper(rest);
      if (!command.ok) return command;
      return command.value === undefined ? helpAbout(name) : ok(command.value);
    }
    case 'disarm': {
      const { values } = read(rest, { ...asking, yes: flag, state: textOption }, false);
      if (values.help) return helpAbout(name);
      const { engine, state: stateFolder, yes, json: isJson } = values;
      return ok({ name, engine, stateFolder, yes, isJson });
    }
    default:
      return parseAct(name, rest);
  }
}

/** Throws what parseArgs throws: parseCommand puts it into words. */
function read<Options extends NonNullable<ParseArgsConfig['options']>>(
  rest: readonly string[],
  options: Options,
  allowPositionals: boolean,
) {
  return parseArgs({ args: [...rest], options, allowPositionals, strict: true });
}

/** Rarer readings would be taken for blindness, and an average over a long time hides what is short. */
const intervalReason = ': a sensor counts as blind after 5 s without a reading';

function parseWatch(rest: readonly string[]): Parsed {
  const options = {
    ...asking,
    policy: textOption,
    learn: textOption,
    interval: textOption,
    state: textOption,
    for: textOption,
    simulate: flag,
    'by-api': flag,
    record: textOption,
  } as const;
  const { values } = read(rest, options, false);
  if (values.help) return helpAbout('watch');
  const learn = duration('learn', values.learn, 1000, 30 * 24 * 3_600_000);
  const interval = duration('interval', values.interval, 100, 2000, intervalReason);
  const until = duration('for', values.for, 100, 365 * 24 * 3_600_000);
  if (!learn.ok) return learn;
  if (!interval.ok) return interval;
  if (!until.ok) return until;
  if (values.simulate && values.engine !== undefined) {
    return failed({
      message: '--simulate and --engine exclude each other.',
      advice: 'Leave one of them out: the simulator is its own engine.',
    });
  }
  return ok({
    name: 'watch',
    engine: values.engine,
    policyFile: values.policy,
    learnMs: learn.value,
    intervalMs: interval.value,
    stateFolder: values.state,
    simulate: values.simulate,
    byApi: values['by-api'],
    recordFile: values.record,
    forMs: until.value,
    isJson: values.json,
  });
}

function parseAct(action: PersonAction, rest: readonly string[]): Parsed {
  const options = action === 'kill' ? { ...asking, yes: flag } : asking;
  const { values, positionals } = read(rest, options, true);
  if (values.help) return helpAbout(action);
  const [target] = positionals;
  if (target === undefined || target === '' || positionals.length > 1) {
    return failed({
      message:
        positionals.length > 1
          ? `${action} takes one container, not ${positionals.length}.`
          : `${action} needs a container.`,
      advice: `For example: sentra ${action} NAME. See what is watched: sentra status`,
    });
  }
  const yes = 'yes' in values && values.yes === true;
  return ok({ name: 'act', action, target, engine: values.engine, isJson: values.json, yes });
}

function parseBehaviour(name: 'syscalls' | 'processes', rest: readonly string[]): Parsed {
  const { values, positionals } = read(rest, { ...asking, for: textOption }, true);
  if (values.help) return helpAbout(name);
  const [target] = positionals;
  if (target === undefined || target === '' || positionals.length > 1) {
    return failed({
      message: `${name} takes one container.`,
      advice: `For example: sentra ${name} NAME. See what is watched: sentra status`,
    });
  }
  const until = duration('for', values.for, 100, 365 * 24 * 3_600_000);
  if (!until.ok) return until;
  const { engine, json: isJson } = values;
  return ok({ name, target, engine, isJson, forMs: until.value });
}

function parseAcknowledge(rest: readonly string[]): Parsed {
  const { values, positionals } = read(rest, { ...asking, undo: flag, false: flag }, true);
  if (values.help) return helpAbout('acknowledge');
  const [finding] = positionals;
  if (finding === undefined || finding === '' || positionals.length > 1) {
    return failed({
      message: `acknowledge takes one finding${positionals.length > 1 ? `, not ${positionals.length}` : ''}.`,
      advice:
        'For example: sentra acknowledge NAME/sustained-cpu. See what is open: sentra findings',
    });
  }
  const { engine, json: isJson, undo, false: isFalse } = values;
  if (undo && isFalse) {
    return failed({
      message: '--undo and --false exclude each other.',
      advice: '--undo alone takes back what was said, a false alarm too.',
    });
  }
  return ok({ name: 'acknowledge', finding, engine, isJson, undo, isFalse });
}

function parseRetention(rest: readonly string[]): Parsed {
  const options = { ...asking, days: textOption, megabytes: textOption } as const;
  const { values } = read(rest, options, false);
  if (values.help) return helpAbout('retention');
  const days = wholeNumber('days', values.days, 1, 3650);
  const megabytes = wholeNumber('megabytes', values.megabytes, 16, 900);
  if (!days.ok) return days;
  if (!megabytes.ok) return megabytes;
  const { engine, json: isJson } = values;
  return ok({ name: 'retention', days: days.value, megabytes: megabytes.value, engine, isJson });
}

function parseHelp([about]: readonly string[]): Parsed {
  if (about === undefined) return ok({ name: 'help', about: undefined });
  return isTopic(about) ? helpAbout(about) : failed(unknownCommand(about));
}

function helpAbout(about: HelpTopic): Parsed {
  return ok({ name: 'help', about });
}

function isTopic(name: string): name is HelpTopic {
  return helpTopics.some((topic) => topic === name);
}

function unknownCommand(name: string): UsageError {
  const similar = helpTopics.find((topic) => topic.startsWith(name.slice(0, 2)));
  return {
    message: `There is no command "${name}".`,
    advice:
      similar === undefined
        ? `The commands are ${helpTopics.join(', ')}, help, version.`
        : `Did you mean ${similar}? See: sentra help`,
  };
}

/** The first sentence of what parseArgs says: the rest is advice about a bare `--`. */
function optionProblem(error: unknown): string {
  const [first = ''] = messageOf(error).split('. ');
  return first.endsWith('.') ? first : `${first}.`;
}

/** Kept in step with the commands by the compiler: each action is a command of its own name. */
export const actionTopics: readonly HelpTopic[] = personActions;
