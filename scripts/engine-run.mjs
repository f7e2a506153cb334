import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watchForInterruption } from './interruption.mjs';
import { projectEnvironment, runScript } from './project.mjs';
import { createSteps } from './steps.mjs';
import { prepareTestEngine } from './test-engine.mjs';

const say = (text) => process.stderr.write(`${text}\n`);

/** Keeps the process alive until it is to end. */
async function waitFor(signal) {
  const alive = setTimeout(() => undefined, 2 ** 31 - 1);
  if (!signal.aborted) await once(signal, 'abort');
  clearTimeout(alive);
}

await runScript(async () => {
  const signal = watchForInterruption();
  const engine = await prepareTestEngine(createSteps(), say);
  try {
    const { SENTRA_TEST_ENGINE: host, SENTRA_TEST_MISSING: missing } = engine.environment;
    if (host === undefined) return 1;
    const [command, ...args] = process.argv.slice(2);
    if (command === undefined) {
      say(`export SENTRA_TEST_ENGINE=${host} SENTRA_TEST_MISSING='${missing}' DOCKER_HOST=${host}`);
      say('Ctrl-C removes the engine.');
      await waitFor(signal);
      return 0;
    }
    if (signal.aborted) return 130;
    const environment = { ...engine.environment, DOCKER_HOST: host };
    const child = spawn(command, args, {
      stdio: 'inherit',
      env: projectEnvironment(environment),
    });
    signal.addEventListener('abort', () => child.kill('SIGTERM'));
    const [code] = await once(child, 'exit');
    return code ?? 1;
  } finally {
    await engine.stop();
  }
});
