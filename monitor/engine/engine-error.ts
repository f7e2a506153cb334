import type { EngineError } from './port.ts';
import { plainText } from '../runtime/plain-text.ts';

/** What is thrown inside this room to end a call; the adapter turns it into a value. */
export class CallFailure extends Error {
  readonly engineError: EngineError;

  constructor(engineError: EngineError) {
    super(engineError.message);
    this.engineError = engineError;
  }
}

/** How long a piece of the engine's own text in a message may be, in characters. */
const quotedCharacters = 300;

/** The engine's (or a peer's) words, made fit for a message. */
export function quoted(text: string): string {
  return plainText(text.trim(), quotedCharacters);
}

/** The error for an answer that breaks the API's promise. `what` names the call, `why` the fault. */
export function garbage(what: string, why: string): EngineError {
  return {
    kind: 'garbage',
    message: `The engine's answer to "${what}" makes no sense: ${quoted(why)}`,
    advice:
      'Check that the endpoint is a Docker engine and not another service. If it is one, report this with the engine version.',
  };
}

/** The error for a call that was given up after `milliseconds`. */
export function timedOut(what: string, milliseconds: number): EngineError {
  return {
    kind: 'timeout',
    message: `The engine did not finish "${what}" within ${milliseconds} ms.`,
    advice:
      'The engine is overloaded or stuck. Look at its log, and restart it if it stays like this.',
  };
}

/** The error for a call that was given up because Sentra closes the connection or was told to stop. */
export function cancelled(what: string): EngineError {
  return {
    kind: 'cancelled',
    message: `"${what}" was given up because the connection to the engine was closed.`,
    advice: 'Nothing to do.',
  };
}

/** The error for a call that is not on Sentra's list. */
export function forbidden(what: string, why: string): EngineError {
  return {
    kind: 'forbidden',
    message: `Sentra may not send "${quoted(what)}": ${why}. Nothing was sent.`,
    advice: 'This is a fault in Sentra: please report it.',
  };
}

const stateWords =
  /is not (running|paused)|is already (paused|stopped)|is restarting|is not connected to|already exists in network|user specified IP address/i;

/**
 * The error for an HTTP status that is no success. Old engines answer 500 where newer ones answer
 * 409, so the words of the message count too. `body` is the answer's text, untrusted.
 */
export function errorOfStatus(what: string, status: number, body: string): EngineError {
  const text = quoted(messageOfBody(body));
  const said = text === '' ? `HTTP status ${status}` : `${text} (HTTP status ${status})`;
  const message = `The engine refused "${what}": ${said}`;
  if (status === 404) {
    return { kind: 'gone', message, advice: 'It was removed in the mean time. Nothing to do.' };
  }
  if (status === 409 || status === 403 || stateWords.test(text)) {
    return {
      kind: 'conflict',
      message,
      advice: 'The container or network is not in a state that allows this. Look at its state.',
    };
  }
  return { kind: 'failed', message, advice: "Look at the engine's log for the cause." };
}

function messageOfBody(body: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    // Proxies and old engines answer in plain text; then the text itself is the message.
    return body;
  }
  if (typeof parsed !== 'object' || parsed === null || !('message' in parsed)) return body;
  return typeof parsed.message === 'string' ? parsed.message : body;
}
