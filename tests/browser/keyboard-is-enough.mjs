// Everything can be done with the keyboard, and the focus is never lost.
import {assert, inBrowser, makePage} from './lib.mjs';

makePage();

await inBrowser('page', async tab => {
  const press = (...keys) => keys.reduce(
      (done, key) => done.then(() => tab.keyboard.press(key)),
      Promise.resolve());
  const position = () => tab.getAttribute('.row[aria-selected=true]',
      'aria-posinset');
  const focused = () => tab.evaluate(
      () => document.activeElement.dataset.index ??
          document.activeElement.id);

  // The first stop is a link over all that is in front of the groups.
  await press('Tab');
  assert.equal(await tab.textContent(':focus'), 'Skip to the groups');
  await press('Enter');
  assert.equal(await focused(), 'list');
  assert.equal(await position(), '1');
  await press('ArrowDown', 'n');
  assert.equal(await position(), '3');
  await press('n');
  assert.match(await tab.textContent('#says'), /last group/);
  await press('p', 'Home');
  assert.equal(await position(), '1');
  assert.equal(await tab.getAttribute('#list', 'aria-activedescendant'),
      await tab.getAttribute('.row[aria-selected=true]', 'id'));

  await press('/');
  assert.equal(await focused(), 'path');
  await tab.keyboard.type('beach');
  await press('Escape');
  assert.equal(await tab.locator('.row').count(), 1);
  assert.equal(await focused(), 'list');

  // Files, and choices about them.
  await press('ArrowRight');
  assert.equal(await focused(), '1');
  await press('r');
  assert.equal(await focused(), '1');
  assert.equal(await tab.getAttribute('[data-index="1"]', 'data-choice'),
      'remove');
  await press('d');  // the same bytes
  assert.match(await tab.textContent('#says'), /same bytes/);
  await press('ArrowRight', 'd');
  assert.equal(await tab.getAttribute('[data-index="2"]', 'data-choice'),
      'different');
  await press('ArrowLeft', 'ArrowLeft', 'r');
  assert.match(await tab.textContent('#says'), /last copy/);
  assert.equal(await tab.getAttribute('[data-index="0"]', 'data-choice'), '');
  await press('u');
  assert.equal(await tab.getAttribute('[data-index="2"]', 'data-choice'), '');
  assert.equal(await tab.getAttribute('[data-index="1"]', 'data-choice'),
      'remove');
  await press('u');

  // The buttons are reached by Tab, and keep the focus when they are pressed.
  await press('Tab', 'Tab', 'Enter');
  assert.equal(await tab.getAttribute(':focus', 'aria-pressed'), 'true');
  assert.match(await tab.textContent(':focus'), /^Keep/);
  await press('a');
  assert.equal(await tab.getAttribute('[data-index="2"]', 'data-choice'),
      'remove');

  // Dialogs.
  await press('ArrowRight', 'c');
  assert.ok(await tab.locator('#compare').isVisible());
  assert.equal(await focused(), 'stage');
  await press('+', '+', 'ArrowLeft', 'v');
  assert.equal(await tab.getAttribute('#compare', 'data-view'), 'difference');
  // What is said is in the dialog: the page behind it is hidden from everyone.
  const said = () => tab.locator('dialog[open]').getByRole('status')
      .filter({hasText: /./}).allTextContents();
  assert.ok((await said()).includes('Difference'));
  await press('v');
  assert.ok((await said()).includes('Flip'));
  await press('f');
  assert.ok((await said()).includes('Left'));
  await press('v');
  assert.ok((await said()).includes('Side by side'));
  await press('Escape');
  assert.ok(!await tab.locator('#compare').isVisible());
  await tab.waitForFunction(() => !document.querySelector('.says:not(:empty)'));
  await tab.click('#open-export');
  await tab.click('#forget');
  assert.ok((await said()).includes('All choices are cleared.'));
  await press('Escape', 'u');
  await press('?');
  assert.ok(await tab.locator('#help').isVisible());
  await tab.uncheck('#letters');
  await press('Escape', 'u');
  assert.equal(await tab.getAttribute('[data-index="2"]', 'data-choice'),
      'remove');
  await tab.reload();
  await press('?');
  assert.ok(!await tab.locator('#help').isVisible());
});
