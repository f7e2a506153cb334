import { parseArgs } from 'node:util';
import { egressModes } from '../model/egress.ts';
import type { EgressRequest } from '../rpc/egress-service.ts';
import { failed, ok, type Result } from '../runtime/result.ts';
import type { EgressCommand } from './command.ts';

const textOption = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;

/** The sentence that is shown with every complaint about the words. */
const advice =
  'For example: sentra egress allow NAME example.com --port 443. See: sentra help egress';

const verbs = ['list', 'prove', 'mode', 'allow', 'deny'] as const;

/** Understands what follows `egress`; throws what parseArgs throws. Undefined asks for help. */
export function parseEgress(
  rest: readonly string[],
): Result<EgressCommand | undefined, { readonly message: string; readonly advice: string }> {
  const { values, positionals } = parseArgs({
    args: [...rest],
    options: {
      engine: textOption,
      json: flag,
      help: { type: 'boolean', short: 'h', default: false },
      port: textOption,
      protocol: textOption,
      local: flag,
    },
    allowPositionals: true,
    strict: true,
  });
  if (values.help) return ok(undefined);
  const [verb, target, ...more] = positionals;
  const complaint = (message: string) => failed({ message, advice });
  if (!verbs.some((each) => each === verb)) {
    return complaint(`egress takes one of the words ${verbs.join(', ')}.`);
  }
  if (target === undefined || target === '') return complaint(`egress ${verb} needs a container.`);
  const isRule = verb === 'allow' || verb === 'deny';
  const isNarrow = values.port !== undefined || values.protocol !== undefined || values.local;
  if (!isRule && isNarrow) return complaint('Port, protocol and local belong to allow and deny.');
  const request = requestOf(verb, target, more, values);
  if (request === undefined) return complaint(`egress ${verb} does not understand what follows.`);
  return ok({ name: 'egress', request, engine: values.engine, isJson: values.json });
}

function requestOf(
  verb: string | undefined,
  target: string,
  more: readonly string[],
  values: { readonly port?: string; readonly protocol?: string; readonly local: boolean },
): EgressRequest | undefined {
  const [word] = more;
  if (verb === 'list' || verb === 'prove') {
    return more.length === 0 ? { name: verb, target } : undefined;
  }
  if (word === undefined || more.length > 1) return undefined;
  if (verb === 'mode') {
    const mode = egressModes.find((each) => each === word);
    return mode === undefined ? undefined : { name: 'mode', target, mode };
  }
  const { protocol, local } = values;
  const port = values.port === undefined ? undefined : Number(values.port);
  const isPort = port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536);
  if (!isPort || (protocol !== undefined && protocol !== 'tcp' && protocol !== 'udp')) {
    return undefined;
  }
  return {
    name: 'rule',
    target,
    rule: {
      verdict: verb === 'allow' ? 'allow' : 'deny',
      target: word,
      ...(protocol === undefined ? {} : { protocol }),
      ...(port === undefined ? {} : { port }),
      ...(local ? { local } : {}),
    },
  };
}
