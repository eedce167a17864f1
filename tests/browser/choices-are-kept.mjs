// Choices survive a reload, are shared by tabs, and exported as three files,
// which the programs take.
import {analyze, apply, assert, copy, dataOf, fs, inBrowser, makePage, path,
        saved} from './lib.mjs';

makePage();
// A path that is not text.
const odd = Buffer.concat(
    [Buffer.from(path.resolve('photos') + '/phone/odd\n'), Buffer.from([0xff, 0x2e]),
     Buffer.from('jpg')]);
copy('photos/2023/town.jpg', odd);
analyze('photos', '--html', 'page');
const groups = dataOf('page').groups;
const similar = groups.find(group => group.kind === 'similar');

await inBrowser('page', async tab => {
  await tab.fill('#path', 'scene');
  await tab.keyboard.press('Escape');
  await tab.keyboard.press('ArrowRight');
  await tab.keyboard.press('d');
  await tab.fill('#path', '');
  await tab.click('#mark-all');
  assert.match(await tab.textContent('#chosen'),
      /^4 files to remove, .*; 1 not a duplicate$/);

  await tab.reload();
  assert.match(await tab.textContent('#chosen'),
      /^4 files to remove, .*; 1 not a duplicate$/);
  assert.equal(await tab.locator('.row .made').count(), 3);

  // A second tab.
  const other = await tab.context().newPage();
  await other.goto(tab.url());
  assert.ok(await other.isDisabled('#undo'));
  await other.locator('.row').nth(0).click();
  await other.keyboard.press('k');
  await other.keyboard.press('k');
  await other.keyboard.press('ArrowRight');
  const before = await tab.textContent('#chosen');
  await other.locator('.file .choices .remove[aria-pressed=true]').first()
      .click();
  await tab.waitForFunction(
      text => document.querySelector('#chosen').textContent !== text, before);
  await other.keyboard.press('u');
  await tab.waitForFunction(
      text => document.querySelector('#chosen').textContent === text, before);
  await other.close();

  await tab.click('#open-export');
  assert.match(await tab.textContent('#export'),
      /vam-apply choices\.json --move-to DIR/);
  const json = await saved(tab, '#export-json');
  const paths = await saved(tab, '#export-paths');
  const pairs = await saved(tab, '#export-pairs');

  const choices = JSON.parse(json.bytes);
  assert.equal(choices.schema, 'vam-analyze-choices/1');
  assert.deepEqual(choices.groups.map(group => group.id).sort(),
      groups.map(group => group.id).sort());
  const files = choices.groups.flatMap(group => group.files);
  const chosen = choice => files.filter(file => file.choice === choice);
  assert.equal(chosen('remove').length, 4);
  assert.ok(chosen('remove').every(file => !file.is_keeper));
  assert.equal(chosen('different')[0].path, similar.files[1].path);
  for (const file of files) assert.match(file.checksum, /^[0-9a-f]{32}$/);

  // Bytes, each path ended by NUL; they name files.
  assert.equal(paths.bytes.at(-1), 0);
  const removed = paths.bytes.subarray(0, -1).toString('latin1').split('\0')
      .map(name => Buffer.from(name, 'latin1'));
  assert.equal(removed.length, 4);
  for (const name of removed) assert.ok(fs.statSync(name).isFile());
  assert.ok(removed.some(name => name.equals(odd)));

  assert.deepEqual(pairs.bytes.toString(),
      similar.files.map(file => file.path + '\0').join(''));
  fs.writeFileSync(pairs.name, pairs.bytes);
  fs.writeFileSync(json.name, json.bytes);

  // vam-apply moves just these, and puts them back.
  apply('choices.json', '--move-to', 'aside', '--yes', '--journal', 'journal');
  for (const name of removed) assert.ok(!fs.existsSync(name));
  for (const file of files) {
    assert.ok(file.choice === 'remove' || fs.existsSync(file.path));
  }
  apply('--undo', 'journal', '--yes');
  for (const name of removed) assert.ok(fs.existsSync(name));
});

// Both are taken as they are.
const report = JSON.parse(
    analyze('photos', '--ignore-pairs', 'different.pairs', '--json'));
assert.equal(report.groups.length, 2);


// What was chosen earlier does not take the last copy when files are gone: here
// the only one that was to be kept. Earlier pages kept all in one entry.
const [group] = groups;
await inBrowser('page', async tab => {
  const {catalog} = dataOf('page');
  const key = 'vam-analyze ' + catalog;
  const prefix = `vam-analyze: ${JSON.stringify(catalog)} `;
  const idOf = group => `${group.id} ${group.files[0].checksum}`;
  await tab.evaluate(({key, id, names}) => {
    localStorage.setItem(key, JSON.stringify({
      [id]: Object.fromEntries(names.map(name => [name, 'remove'])),
      '__proto__': 'remove', other: 'nonsense', more: ['keep'],
    }));
  }, {key, id: idOf(group),
      names: group.files.map(
          file => `${file.checksum} ${file.path_bytes ?? file.path}`)});
  await tab.reload();
  assert.match(await tab.textContent('#says'), /1 group were dropped/);
  assert.equal(await tab.textContent('#chosen'), 'Nothing chosen yet');

  // Nothing that is left in the storage stays there.
  const entries = () => tab.evaluate(() => Object.entries(localStorage));
  await tab.click('#open-export');
  await tab.click('#forget');
  assert.deepEqual(await entries(), []);
  assert.ok(await tab.isDisabled('#forget'));
  await tab.keyboard.press('Escape');

  // What another tab has stored stays, even if this one was not told of it.
  await tab.evaluate(key => localStorage.setItem(key,
      JSON.stringify({name: 'keep'})), prefix + 'other');
  await tab.click('.file .choices .keep');
  assert.equal((await entries()).length, 2);
  assert.deepEqual(Object.fromEntries(await entries())[prefix + 'other'],
      '{"name":"keep"}');

  // What an earlier page has kept can be taken back, for good.
  await tab.evaluate(() => localStorage.clear());
  const [keeper] = similar.files;
  await tab.evaluate(([key, value]) => localStorage.setItem(key, value), [key,
    JSON.stringify({[idOf(similar)]: {[`${keeper.checksum} ${keeper.path}`]: 'keep'}})]);
  await tab.reload();
  await tab.fill('#path', 'scene');
  const choice = () => tab.getAttribute('[data-index="0"]', 'data-choice');
  assert.equal(await choice(), 'keep');
  await tab.click('[data-index="0"] .choices .keep');
  assert.equal(await choice(), '');
  await tab.reload();
  await tab.fill('#path', 'scene');
  assert.equal(await choice(), '');
  await tab.click('[data-index="0"] .choices .keep');
  await tab.reload();
  await tab.fill('#path', 'scene');
  assert.equal(await choice(), 'keep');

  // Clearing all of it can be undone.
  await tab.click('#open-export');
  await tab.click('#forget');
  assert.deepEqual(await entries(), []);
  await tab.keyboard.press('Escape');
  await tab.click('#undo');
  assert.equal(await choice(), 'keep');
});
