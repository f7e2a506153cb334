import { parseArgs } from 'node:util';
import { egressModes, type EgressSpan } from '../../model/egress.ts';
import { failed, ok, type Result } from '../../runtime/result.ts';
import type { EgressCommand } from '../command.ts';
import type { EgressTask, Lines } from './egress-task.ts';
import { heldTask } from './held-arguments.ts';

const textOption = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** The sentence that is shown with every complaint about the words after that one. */
function adviceFor(verb: string): string {
  return `For example: sentra egress ${exampleOf(verb)}. See: sentra help egress`;
}

function exampleOf(verb: string): string {
  switch (verb) {
    case 'list':
    case 'prove':
    case 'undo':
    case 'learn':
    case 'preview':
    case 'erase':
      return `${verb} NAME`;
    case 'mode':
      return 'mode NAME enforce';
    case 'lockdown':
    case 'lift':
    case 'held':
      return verb;
    case 'deny':
    case 'remove':
      return `${verb} NAME example.com`;
    default:
      return 'allow NAME example.com --port 443';
  }
}

const options = {
  engine: textOption,
  json: flag,
  help: { type: 'boolean', short: 'h', default: false },
  port: textOption,
  protocol: textOption,
  local: flag,
  for: textOption,
  note: textOption,
  hours: textOption,
  accept: textOption,
  yes: flag,
} as const;

const verbs = [
  ...['list', 'allow', 'deny', 'remove', 'undo', 'mode', 'learn', 'prove'],
  ...['preset', 'import', 'export', 'preview', 'lockdown', 'lift', 'erase', 'held'],
] as const;

/** Which words may have which options, beside those that all have. */
const belongs: Readonly<Record<string, readonly string[]>> = {
  port: ['allow', 'deny', 'remove'],
  protocol: ['allow', 'deny', 'remove'],
  local: ['allow', 'deny', 'held'],
  for: ['allow', 'deny', 'held'],
  note: ['allow', 'deny', 'held'],
  hours: ['learn'],
  accept: ['learn'],
  yes: ['erase'],
};

/** How lifetimes are typed. */
const spans: Readonly<Record<string, EgressSpan>> = {
  once: 'once',
  '15m': '15-minutes',
  container: 'container',
  image: 'image',
  ever: 'forever',
};

/** Whether the word needs no container. */
const isOfAll = (verb: string): boolean =>
  ['preset', 'lockdown', 'lift', 'erase', 'held'].includes(verb);

type Values = ReturnType<typeof read>['values'];

function read(rest: readonly string[]) {
  return parseArgs({ args: [...rest], options, allowPositionals: true, strict: true });
}

/** Understands what follows `egress`; throws what parseArgs throws. Undefined asks for help. */
export function parseEgress(
  rest: readonly string[],
): Result<EgressCommand | undefined, { readonly message: string; readonly advice: string }> {
  const { values, positionals } = read(rest);
  if (values.help) return ok(undefined);
  const [verb = '', ...words] = positionals;
  const complaint = (message: string) => failed({ message, advice: adviceFor(verb) });
  if (!verbs.some((each) => each === verb)) {
    return complaint(`egress takes one of the words ${verbs.join(', ')}.`);
  }
  for (const [option, those] of Object.entries(belongs)) {
    const isGiven =
      values[option as keyof Values] !== undefined && values[option as keyof Values] !== false;
    if (isGiven && !those.includes(verb)) {
      return complaint(`--${option} belongs to ${those.join(', ')}.`);
    }
  }
  if (!isOfAll(verb) && (words[0] === undefined || words[0] === '')) {
    return complaint(`egress ${verb} needs a container.`);
  }
  const task = taskOf(verb, words, values);
  if (typeof task === 'string') return complaint(task);
  return ok({ name: 'egress', task, engine: values.engine, isJson: values.json });
}

/** The task, or a sentence that says what is not understood. */
function taskOf(verb: string, words: readonly string[], values: Values): EgressTask | string {
  const [target = '', word, ...more] = words;
  const few = (most: number) => words.length <= most;
  const notUnderstood = `egress ${verb} does not understand what follows.`;
  switch (verb) {
    case 'list':
    case 'prove':
    case 'undo':
      return few(1) ? { kind: 'ask', request: { name: verb, target } } : notUnderstood;
    case 'mode': {
      const mode = egressModes.find((each) => each === word);
      if (mode === undefined || !few(2)) return `A mode is one of ${egressModes.join(', ')}.`;
      return { kind: 'ask', request: { name: 'mode', target, mode } };
    }
    case 'allow':
    case 'deny':
    case 'remove':
      return word === undefined || !few(2) ? notUnderstood : ruleTask(verb, target, word, values);
    case 'lockdown':
    case 'lift':
      return few(0) ? { kind: verb } : `egress ${verb} is about all containers: it takes no name.`;
    case 'erase':
      return few(1) ? { kind: 'erase', target: words[0], yes: values.yes } : notUnderstood;
    case 'held': {
      const lifetime = lifetimeOf(values);
      return lifetime.ok
        ? heldTask(words, { ...values, lifetime: lifetime.value })
        : lifetime.error;
    }
    case 'preset':
      return presetTask(words);
    case 'learn': {
      const hours = values.hours === undefined ? 24 : Number(values.hours);
      if (!Number.isInteger(hours) || hours < 1 || hours > 192)
        return '--hours goes from 1 to 192.';
      const accept = values.accept === undefined ? undefined : linesOf(values.accept);
      if (accept === null) return '--accept takes all, or numbers of lines such as 1,3-5.';
      return few(1) ? { kind: 'learn', target, hours, accept } : notUnderstood;
    }
    case 'import':
      if (word === undefined || more.length > 0)
        return 'egress import needs a container and a file.';
      return { kind: 'import', target, file: word };
    case 'export':
    case 'preview':
      return few(2) ? { kind: verb, target, file: word } : notUnderstood;
    default:
      return notUnderstood;
  }
}

function ruleTask(
  verb: 'allow' | 'deny' | 'remove',
  target: string,
  about: string,
  values: Values,
): EgressTask | string {
  const { local, note } = values;
  const protocol = (['tcp', 'udp'] as const).find((each) => each === values.protocol);
  const port = values.port === undefined ? undefined : Number(values.port);
  const isPort = port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536);
  if (!isPort) return '--port goes from 1 to 65535.';
  if (protocol !== values.protocol) return '--protocol is tcp or udp.';
  const span = lifetimeOf(values);
  if (!span.ok) return span.error;
  const lifetime = span.value;
  const subject = {
    target: about,
    ...(protocol === undefined ? {} : { protocol }),
    ...(port === undefined ? {} : { port }),
  } as const;
  if (verb === 'remove') return { kind: 'ask', request: { name: 'remove', target, subject } };
  const rule = {
    verdict: verb,
    ...subject,
    ...(local ? { local } : {}),
    ...(lifetime === undefined ? {} : { lifetime }),
    ...(note === undefined ? {} : { note }),
  } as const;
  return { kind: 'ask', request: { name: 'rule', target, rule } };
}

/** How long the rule is to hold; undefined where nothing was said. */
function lifetimeOf(values: Values): Result<EgressSpan | undefined, string> {
  const lifetime = values.for === undefined ? undefined : spans[values.for];
  return values.for !== undefined && lifetime === undefined
    ? failed(`--for is one of ${Object.keys(spans).join(', ')}.`)
    : ok(lifetime);
}

function presetTask([verb, first, second, ...more]: readonly string[]): EgressTask | string {
  if (verb === undefined || (verb === 'list' && first === undefined)) {
    return { kind: 'presets', show: undefined };
  }
  if (verb === 'show' && first !== undefined && second === undefined) {
    return { kind: 'presets', show: first };
  }
  if (verb === 'use' && first !== undefined && second !== undefined && more.length === 0) {
    return { kind: 'ask', request: { name: 'preset', target: first, preset: second } };
  }
  return 'egress preset takes list, show NAME, or use CONTAINER NAME.';
}

/** `all`, `1`, `1,3-5`; null for anything else. */
function linesOf(text: string): Lines | null {
  if (text === 'all') return 'all';
  const lines: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\d{1,4})(?:-(\d{1,4}))?$/.exec(part.trim());
    if (match === null) return null;
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (first < 1 || last < first) return null;
    for (let line = first; line <= last; line += 1) lines.push(line);
  }
  return lines;
}
