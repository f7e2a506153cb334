/** Starts a private engine, prints what it is as one line of JSON, and waits to be killed. */
import { startPrivateEngine } from './private-engine.ts';

const engine = await startPrivateEngine();
process.stdout.write(`${JSON.stringify(engine)}\n`);
setTimeout(() => undefined, 2 ** 31 - 1);
