// The whole story in browsers: an officer and an approver, the police, an administrator and citizens,
// against the real product with a foreign SMSC and the operator's interface.
// Every page on the way is judged by axe and photographed at both widths into target/screenshots.
// Usage: node story.mjs   (CANHGIAC_BIN, CANHGIAC_PYTHON, CHROMIUM; ./test sets them)
import assert from 'node:assert/strict';
import { browse, shot, tell } from './lib.mjs';
import { casework } from './scenes/casework.mjs';
import { holder } from './scenes/holder.mjs';
import { house } from './scenes/house.mjs';
import { intake } from './scenes/intake.mjs';
import { warning } from './scenes/warning.mjs';
import { open, PASSWORD } from './stage.mjs';

/** Citizens by what they do; the numbers are made up. */
const people = {
  first: '0960001001',
  second: '0960001002',
  third: '0960001003',
  unclear: '0960001004',
  puzzled: '0960001005',
  spammed: '0960001006',
  online: '0960001007',
  subscriber: '0960001008',
  holder: '0960002222',
};

// What is forgotten to be awaited must not keep the stage from being cleaned up.
process.on('unhandledRejection', (problem) => {
  console.error(problem);
  process.exitCode = 1;
});

const stage = await open();
const site = await browse(stage.base);
const world = { ...stage, site, people, password: PASSWORD, see };

/** Photographs and judges a page; no page of the console shows a citizen's number, unless `opened` says so. */
async function see(page, name, { dark = false, opened } = {}) {
  if (new URL(page.url()).pathname.startsWith('/can-bo')) {
    const digits = (await page.content()).replace(/[\s.-]/g, '');
    for (const number of Object.values(people)) {
      if (number !== opened) assert.ok(!digits.includes(number.slice(1)), `${name} shows a citizen's number`);
    }
  }
  await shot(page, name, { dark });
}

try {
  await tell({ ...intake(world), ...casework(world), ...warning(world), ...holder(world), ...house(world) });
  await site.close();
} catch (problem) {
  console.error(problem);
  process.exitCode = 1;
  await site.photograph('failed').catch(() => {});
  await site.close().catch((trouble) => console.error(trouble.message));
} finally {
  await stage.close();
}
