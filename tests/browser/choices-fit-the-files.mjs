// Choices hold for the keeper and the bytes that the user saw, and what was
// chosen never removes the last copy, nor what has companions of its own.
import {assert, dataOf, inBrowser, makePage, saved, writeData}
  from './lib.mjs';

makePage();
const [{files: [template]}] = dataOf('page').groups;
const {is_keeper, redundant, sure, copy_of, ...common} = template;
const bytes = Object.fromEntries(
    ['a', 'b', 'c'].map(letter => [letter, letter.repeat(32)]));

/** A file whose bytes are those of a letter. */
const file = (name, letter, more = {}) => ({
  ...common, path: '/photos/' + name, url: 'file:///photos/' + name,
  checksum: bytes[letter], match: 'similar', similarity: 0.9, distance: {},
  ...more,
});
const keeper = (name, letter) =>
    file(name, letter, {is_keeper: true, match: 'exact', similarity: 1});
const kCopy = {redundant: true, sure: true};

/** Another run has found these in the same group. */
function write(...files) {
  writeData('page', [{id: '00112233', kind: 'similar', diameter: 1,
                      keep_reason: 'larger', files}]);
}

async function inPage(test) {
  await inBrowser('page', async tab => {
    await test({
      tab,
      /** Clicks on buttons of files: '2 remove'. */
      choose: async (...all) => {
        for (const one of all) {
          const [n, choice] = one.split(' ');
          await tab.click(`[data-index="${n}"] .choices .${choice}`);
        }
      },
      chosen: () => tab.locator('.file').evaluateAll(
          cards => cards.map(card => card.dataset.choice)),
      says: () => tab.textContent('#says'),
    });
    tab.problems = tab.problems.filter(text => !/ERR_FILE_NOT_FOUND/.test(text));
  });
}

// No set is torn apart by what is done to many at once.
write(keeper('a.jpg', 'a'), file('b.jpg', 'a', {...kCopy, set: 'raw+jpeg'}),
      file('c.jpg', 'a', kCopy));
await inPage(async ({tab, choose, chosen}) => {
  await tab.click('#mark-all');
  assert.deepEqual(await chosen(), ['keep', '', 'remove']);
  await choose('1 remove');
  assert.deepEqual(await chosen(), ['keep', 'remove', 'remove']);
});
write(keeper('a.jpg', 'a'), file('b.jpg', 'a', {...kCopy, set: 'burst'}));
await inPage(async ({tab, chosen, says}) => {
  await tab.click('#mark-all');
  assert.deepEqual(await chosen(), ['', '']);
  assert.equal(await says(), 'There is no sure copy left to remove.');
});

// With another keeper, "not a duplicate" is not said of that one.
write(keeper('a.jpg', 'a'), file('b.jpg', 'b'));
await inPage(async ({tab, choose, chosen}) => {
  await choose('1 different');
  write(keeper('b.jpg', 'b'), file('a.jpg', 'a', kCopy));
  await tab.reload();
  assert.deepEqual(await chosen(), ['', '']);
  await tab.click('#mark-all');
  assert.deepEqual(await chosen(), ['keep', 'remove']);
  assert.ok(await tab.isDisabled('#export-pairs'));
  // The earlier ones hold for the earlier keeper.
  write(keeper('a.jpg', 'a'), file('b.jpg', 'b'));
  await tab.reload();
  assert.deepEqual(await chosen(), ['', 'different']);
});

// When names were swapped, choices follow neither.
write(keeper('a.jpg', 'a'), file('b.jpg', 'b'), file('c.jpg', 'c'));
await inPage(async ({tab, choose, chosen}) => {
  await choose('1 remove', '2 keep');
  write(keeper('a.jpg', 'a'), file('b.jpg', 'c'), file('c.jpg', 'b'));
  await tab.reload();
  assert.deepEqual(await chosen(), ['', '', '']);
  assert.equal(await tab.textContent('#chosen'), 'Nothing chosen yet');
  assert.equal(await tab.locator('.row .made').count(), 0);
});

// A copy of what is no duplicate does not stand for the keeper.
write(keeper('a.jpg', 'a'), file('b.jpg', 'b'), file('b2.jpg', 'b'));
await inPage(async ({choose, chosen, says}) => {
  await choose('1 different', '0 remove');
  assert.match(await says(), /last copy/);
  assert.deepEqual(await chosen(), ['', 'different', '']);
  await choose('1 different', '0 remove', '1 different');
  assert.match(await says(), /last copy/);
  assert.deepEqual(await chosen(), ['remove', '', '']);
});

// Files with companions of their own stay; they are shown and exported.
const companions = [{path: '/photos/b.mov', kind: 'video'}];
const hard_links = [{path: '/photos/d.jpg'}];
write(keeper('a.jpg', 'a'),
    file('b.jpg', 'b', {has_own_companions: true, companions, hard_links}),
    file('c.jpg', 'c', kCopy));
await inPage(async ({tab, choose, chosen, says}) => {
  const card = await tab.textContent('[data-index="1"]');
  assert.match(card, /has own companions/);
  assert.match(card, /\/photos\/b\.mov \(video\)/);
  await choose('1 remove');
  assert.match(await says(), /companions of its own/);
  await tab.click('#mark-all');
  assert.deepEqual(await chosen(), ['keep', '', 'remove']);
  await tab.click('#open-export');
  const {files} = JSON.parse(
      (await saved(tab, '#export-json')).bytes).groups[0];
  assert.equal(files[1].has_own_companions, true);
  assert.deepEqual(files[1].companions, companions);
  assert.deepEqual(files[1].hard_links, hard_links);
  await tab.keyboard.press('Escape');

  // It got them after it was chosen.
  write(keeper('a.jpg', 'a'), file('b.jpg', 'b'),
      file('c.jpg', 'c', {has_own_companions: true, companions}));
  await tab.reload();
  assert.match(await says(), /1 group were dropped/);
  assert.deepEqual(await chosen(), ['', '', '']);
});
