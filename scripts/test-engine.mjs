import { buildImage, importImages } from '../test/engine/images.ts';
import { removeLeftovers, startPrivateEngine } from '../test/engine/private-engine.ts';
import { ensureKernelSensor } from './kernel-sensor.mjs';
import {
  ensureKernelSensorPackages,
  ensureSystemPackages,
  whyNoEngine,
} from './system-packages.mjs';

const firstLine = (error) =>
  String(error?.message ?? error)
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, 400);

/**
 * Prepares what the tests need: system packages, a private Docker engine, images. Gives the
 * environment that tells the tests what they have, and what takes the engine down again. What
 * cannot be had is missing with its reason, never silently.
 */
export async function prepareTestEngine(steps, say) {
  const missing = {};
  let engine;
  const whyNot = whyNoEngine();
  if (whyNot === undefined) {
    const reason = await steps.time('system packages', (note) => ensureSystemPackages(say, note));
    if (reason === undefined) {
      await steps.time('leftovers of killed runs', () => removeLeftovers());
      const image = steps.time('Debian image', (note) => makeDebianImage(say, note));
      try {
        engine = await steps.time('private engine', () => startPrivateEngine());
      } catch (error) {
        missing.engine = firstLine(error);
      }
      try {
        await image;
        if (engine !== undefined) {
          await steps.time('import of the Debian image', () =>
            importImages(engine.socketPath, ['debian']),
          );
        } else {
          missing['debian-image'] = missing.engine;
        }
      } catch (error) {
        missing['debian-image'] = firstLine(error);
      }
    } else {
      missing.engine = missing['debian-image'] = reason;
    }
  } else {
    missing.engine = missing['debian-image'] = missing.root = whyNot;
  }
  const whyNoSensor =
    missing.engine ??
    (await steps.time('kernel sensor', async (note) => {
      return (await ensureKernelSensorPackages(say, note)) ?? ensureKernelSensor(say);
    }));
  if (whyNoSensor !== undefined) missing['kernel-sensor'] = whyNoSensor;
  for (const [capability, reason] of Object.entries(missing)) say(`No ${capability}: ${reason}`);
  return {
    missing,
    environment: {
      SENTRA_TEST_MISSING: JSON.stringify(missing),
      SENTRA_TEST_ENGINE: engine?.host,
    },
    stop: async () => engine?.stop(),
  };
}

async function makeDebianImage(say, note) {
  const saying = setTimeout(() => {
    say('Making the Debian image, once per clone; about a minute …');
    note('made');
  }, 1000);
  try {
    await buildImage('debian');
  } finally {
    clearTimeout(saying);
  }
}
