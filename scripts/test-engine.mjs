import { buildImage, importImages } from '../test/engine/images.ts';
import { removeLeftovers, startPrivateEngine } from '../test/engine/private-engine.ts';
import { ensureBuilderSchema } from './builder-schema.mjs';
import { ensureHelperImage } from './helper-image.mjs';
import { ensureKernelSensor } from './kernel-sensor.mjs';
import {
  ensureBrowser,
  ensureKernelSensorPackages,
  ensureSystemPackages,
  whyNoEngine,
} from './system-packages.mjs';
import { ensureWallReader } from './wall-reader.mjs';

const environmentOf = (missing, host = undefined) => ({
  SENTRA_TEST_MISSING: JSON.stringify(missing),
  SENTRA_TEST_ENGINE: host,
});

const firstLine = (error) =>
  String(error?.message ?? error)
    .trim()
    .replace(/\s+/g, ' ')
    .slice(0, 400);

/**
 * Prepares what the tests need: system packages, private Docker engines, images. Gives the
 * environment that tells the tests what they have, for each of so many engines, and what takes the
 * engines down again. What cannot be had is missing with its reason, never silently. `onTools` is
 * called with the environment of tests that need no engine, as soon as they can run.
 */
export async function prepareTestEngines(count, steps, say, onTools = () => undefined) {
  const missing = {};
  const engines = [];
  const schema = steps
    .time('schema of electron-builder', () => ensureBuilderSchema(say))
    .catch(firstLine);
  const makeSensor = () =>
    steps.time('kernel sensor', async (note) => {
      const lacking = await ensureKernelSensorPackages(say, note);
      return lacking ?? ensureKernelSensor(say) ?? ensureWallReader(say) ?? ensureHelperImage(say);
    });
  let whyNoSensor;
  const whyNot = whyNoEngine();
  if (whyNot === undefined) {
    const reason = await steps.time('system packages', (note) => ensureSystemPackages(say, note));
    if (reason === undefined) {
      await steps.time('leftovers of killed runs', () => removeLeftovers());
      const browser = await steps.time('browser', (note) => ensureBrowser(say, note));
      if (browser !== undefined) missing.chromium = browser;
      onTools(environmentOf(missing));
      const image = steps.time('Debian image', (note) => makeDebianImage(say, note));
      // It is awaited further down: until then its failure is nobody's.
      image.catch(() => undefined);
      try {
        await steps.time('private engines', async () => {
          for (let made = 0; made < count; made += 1) engines.push(await startPrivateEngine());
        });
      } catch (error) {
        missing.engine = firstLine(error);
      }
      // While the image is made, which mostly waits for the network and the disk.
      if (missing.engine === undefined) whyNoSensor = await makeSensor();
      try {
        await image;
        if (missing.engine === undefined) {
          await steps.time('import of the Debian image', async () => {
            await Promise.all(
              engines.map(({ socketPath }) => importImages(socketPath, ['debian'])),
            );
          });
        } else {
          missing['debian-image'] = missing.engine;
        }
      } catch (error) {
        missing['debian-image'] = firstLine(error);
      }
    } else {
      missing.engine = missing['debian-image'] = reason;
      onTools(environmentOf(missing));
    }
  } else {
    missing.engine = missing['debian-image'] = missing.root = whyNot;
    onTools(environmentOf(missing));
  }
  const whyNoSchema = await schema;
  if (whyNoSchema !== undefined) missing['builder-schema'] = whyNoSchema;
  whyNoSensor ??= missing.engine;
  if (whyNoSensor !== undefined) missing['kernel-sensor'] = whyNoSensor;
  for (const [capability, reason] of Object.entries(missing)) say(`No ${capability}: ${reason}`);
  return {
    missing,
    environments: Array.from({ length: count }, (_, index) =>
      environmentOf(missing, missing.engine === undefined ? engines[index].host : undefined),
    ),
    stop: async () => {
      await Promise.all(engines.map((engine) => engine.stop()));
    },
  };
}

/** {@link prepareTestEngines} with one engine. */
export async function prepareTestEngine(steps, say) {
  const { environments, ...prepared } = await prepareTestEngines(1, steps, say);
  return { ...prepared, environment: environments[0] };
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
