import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runOnOwnNode, root, runScript, SetupError } from './project.mjs';
import { ensureDependencies } from './setup.mjs';

// `npm run icons`: draws every icon anew from build/icon.svg. The results are under version control,
// so that nobody needs a browser to build.

const svg = readFileSync(join(root, 'build', 'icon.svg'), 'utf8');
const folder = join(root, 'build', 'icons');
const moods = [...svg.matchAll(/<path id="([a-z-]+)" data-fill="(#[0-9a-f]{6})"/g)].map(
  ([, name, fill]) => ({ name, fill }),
);

/** The drawing with one mark: white on its colour, or cut out of black for macOS to colour. */
function drawing({ name, fill }, isTemplate) {
  const others = moods.filter((mood) => mood.name !== name).map((mood) => `#${mood.name}`);
  const style = isTemplate
    ? `#shield { fill: #000; mask: url(#cut) }`
    : `#shield { fill: ${fill} } #marks { stroke: #fff }`;
  if (!isTemplate) {
    return svg.replace(
      '</svg>',
      `<style>${style} ${others.join(', ')} { display: none }</style></svg>`,
    );
  }
  const mark = new RegExp(`<path id="${name}"[^>]*/>`).exec(svg)[0];
  const cut =
    `<mask id="cut"><rect width="24" height="24" fill="#fff"/><g stroke="#000" fill="none" ` +
    `stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">${mark}</g></mask>`;
  return svg.replace('</svg>', `<style>${style} #marks { display: none }</style>${cut}</svg>`);
}

/** An .ico of several PNGs: a header, a directory, the images (Windows Vista and later read these). */
function ico(images) {
  const directory = Buffer.alloc(6 + 16 * images.length);
  directory.writeUInt16LE(1, 2);
  directory.writeUInt16LE(images.length, 4);
  let offset = directory.length;
  images.forEach(({ size, png }, index) => {
    const at = 6 + 16 * index;
    directory.writeUInt8(size % 256, at);
    directory.writeUInt8(size % 256, at + 1);
    directory.writeUInt16LE(1, at + 4);
    directory.writeUInt16LE(32, at + 6);
    directory.writeUInt32LE(png.length, at + 8);
    directory.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([directory, ...images.map(({ png }) => png)]);
}

async function draw() {
  const { chromium } = await import('playwright-core');
  const { findChromium } = await import('../test/host/browser.ts');
  const executablePath = findChromium();
  if (executablePath === undefined) throw new SetupError('Drawing icons needs Chromium.');
  const browser = await chromium.launch({
    executablePath,
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  });
  try {
    const page = await browser.newPage();
    const render = async (picture, size) => {
      await page.setViewportSize({ width: size, height: size });
      const source = `data:image/svg+xml;base64,${Buffer.from(picture).toString('base64')}`;
      await page.setContent(
        `<style>html,body{margin:0;background:transparent}img{display:block}</style>` +
          `<img width="${size}" height="${size}" src="${source}">`,
      );
      await page.waitForFunction(() => document.images[0]?.complete === true);
      return page.screenshot({ omitBackground: true });
    };
    mkdirSync(join(folder, 'tray'), { recursive: true });
    const write = (name, data) => writeFileSync(join(folder, name), data);
    for (const mood of moods) {
      const coloured = drawing(mood, false);
      const template = drawing(mood, true);
      write(`tray/${mood.name}.png`, await render(coloured, 24));
      write(`tray/${mood.name}@2x.png`, await render(coloured, 48));
      write(`tray/${mood.name}Template.png`, await render(template, 16));
      write(`tray/${mood.name}Template@2x.png`, await render(template, 32));
      const images = [];
      for (const size of [16, 20, 24, 32, 48]) {
        images.push({ size, png: await render(coloured, size) });
      }
      write(`tray/${mood.name}.ico`, ico(images));
    }
    const calm = drawing(moods[0], false);
    write('window.png', await render(calm, 256));
    write('icon.png', await render(calm, 1024));
  } finally {
    await browser.close();
  }
}

await runScript(async () => {
  if (process.send === undefined) {
    await ensureDependencies();
    return runOnOwnNode('icons.mjs', []);
  }
  await draw();
  process.disconnect();
  return 0;
});
